"""A field of LoraConfig that is given to another call.

## What
`r`, `lora_alpha`, `target_modules` and other fields of LoraConfig as keywords of PEFT's
`get_peft_model`, of a trainer or its config (`SFTTrainer`, `SFTConfig`, `TrainingArguments`), or of
the `from_pretrained` that loads a model; and `peft_config`, which TRL's trainers take, as one of
transformers' own.

## Why
Python raises TypeError: got an unexpected keyword argument. Unsloth's `get_peft_model` takes these
arguments itself, which is where they come from.

## Bad
```python
from peft import get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"])
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"])
model = get_peft_model(model, config)
```

## Fix
Make a LoraConfig of them, and give it to `get_peft_model` or to the trainer's `peft_config`.

## Source
PEFT 0.21.2 `mapping_func.py` (`get_peft_model`); TRL 1.16.0 `trl/trainer/sft_trainer.py`,
`sft_config.py`; transformers 5.24.0 `training_args.py`. No release of them has these arguments.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC167"
NAME = "argument-of-another-call"
SEVERITY = "error"

_FIELDS = frozenset(
    {
        *("r", "lora_r", "lora_alpha", "lora_dropout", "target_modules", "lora_target_modules"),
        *("modules_to_save", "use_rslora", "use_dora", "init_lora_weights", "target_parameters"),
    }
)
_NAMES = {"lora_r": "r", "lora_target_modules": "target_modules"}
"""TRL's names for fields of LoraConfig."""
_HOMES = {"from_pretrained": "`get_peft_model`"}
"""Call -> the one that takes what it is given wrongly."""
_CALL = compile_when_used(
    r"peft\.get_peft_model|transformers\.(?:Seq2Seq)?(?:TrainingArguments|Trainer)"
    r"|transformers\.AutoModel\w*\.from_pretrained"
    r"|trl\.(?:SFT|DPO|GRPO|KTO|RLOO|Reward)(?:Trainer|Config)",
    words=("get_peft_model", "transformers.", "trl."),
)

_TRAINER = compile_when_used(r"transformers\.(?:Seq2Seq)?Trainer", words=("transformers.",))


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file that may have no LoraConfig at all."""
    script = next(
        (s for word in ("peft", "trl", "transformers") if (s := read_calls(document, word))), None
    )
    for use in script.uses if script is not None else ():
        if _TRAINER.fullmatch(use.name) and "peft_config" in use.arguments and not use.fails:
            yield Hit(
                f"`{use.last}` of transformers has no argument `peft_config`: Python raises "
                "TypeError",
                get_call_span(document, use),
                help=f"give {use.last} the model of `get_peft_model(model, peft_config)`, or use "
                "a trainer of TRL",
            )
            continue
        keys = [str(key) for key in use.arguments if key in _FIELDS]
        if not keys or use.fails or _CALL.fullmatch(use.name) is None:
            continue
        if use.last == "from_pretrained" and "trust_remote_code" in use.arguments:
            continue  # the checkpoint's own class may have it
        wraps = use.last in ("get_peft_model", "from_pretrained")
        takes = "a LoraConfig" if wraps else "peft_config=LoraConfig(...)"
        home = _HOMES.get(use.last, f"`{use.last}`")
        if use.last.endswith(("Config", "Arguments")):
            home = "the trainer"
        yield Hit(
            f"`{use.last}` has no argument {quote_names(keys)}: Python raises TypeError",
            get_call_span(document, use),
            help=f"write LoraConfig({', '.join(f'{_NAMES.get(n, n)}=...' for n in keys)}); "
            f"{home} takes {takes}",
        )
