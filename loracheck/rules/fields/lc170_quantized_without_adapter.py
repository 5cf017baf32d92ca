"""A quantised model is given to a trainer, and nothing puts an adapter on it.

## What
A model that is loaded in 4 or 8 bits of bitsandbytes, or by Unsloth, goes to a trainer of
transformers or TRL as it is: no `get_peft_model`, no `peft_config`.

## Why
The trainer stops with ValueError, "You cannot perform fine-tuning on purely quantized models", once
the model is loaded: weights of 4 or 8 bits have no gradient. Only an adapter beside them can be
trained. Seen in gensyn-ai/rl-swarm issue 300 and unslothai/unsloth issue 241.

## Bad
```python
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
from trl import SFTConfig, SFTTrainer
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
trainer = SFTTrainer(model=model, args=SFTConfig("qlora"), train_dataset=None)
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
from trl import SFTConfig, SFTTrainer
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
config = LoraConfig(r=16, target_modules="all-linear", task_type="CAUSAL_LM")
trainer = SFTTrainer(model=model, args=SFTConfig("qlora"), train_dataset=None, peft_config=config)
```

## Fix
Give TRL's trainers `peft_config=LoraConfig(...)`, those of transformers
`get_peft_model(model, LoraConfig(...))`; in Unsloth call `get_peft_model` of the class that loaded
the model. To train all weights load the model without a quantisation.

## Source
transformers 5.24.0 `trainer_utils.py` (`validate_quantization_for_training`), 4.57.6 `trainer.py`;
Unsloth 2026.10.9 `models/loader.py` (`load_in_4bit = True` by default).
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import HANDS_BACK, KEEPS_OWNER
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_adapters import get_literal
from loracheck.rules.support.script_calls import (
    find_bits_option,
    find_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_model_load,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC170"
NAME = "quantized-without-adapter"
SEVERITY = "error"

_TRAINERS = frozenset(
    {
        *("transformers.Trainer", "transformers.Seq2SeqTrainer"),
        *(
            f"trl.{name}Trainer"
            for name in ("SFT", "DPO", "GRPO", "KTO", "RLOO", "Reward", "ORPO", "CPO")
        ),
    }
)
_UNSLOTH = compile_when_used(r"unsloth\.Fast(?:Language|Vision|)Model\.from_pretrained")

_ADAPTS = compile_when_used(
    r"get_peft_model|add_adapter|load_adapter|inject_adapter|\bPeft\w*Model|LoraConfig\(",
    words=("get_peft_model", "_adapter", "Peft", "LoraConfig("),
)
"""Words of a file that puts an adapter on a model, or makes the config of one."""

_IMPORT = compile_when_used(r"from peft[\w.]* import (?:\([^)]*\)|[^\n(]*)", words=("from peft",))
"""What is imported puts no adapter on either."""

_COMMENT = compile_when_used(r"[\s\"']*#")
"""How a line begins that is a comment, in a notebook's JSON too."""

_PUBLISHERS = compile_when_used(
    r"(?:unsloth|Qwen|meta-llama|google|mistralai|microsoft|deepseek-ai|openai|HuggingFaceTB)/"
)
"""Publishers of base models: another id may be that of an adapter, which Unsloth loads with it."""

_LOOKS = frozenset({"print", "len", "isinstance", "type", "sum", "id", "repr", "str"})
"""Functions that leave a model as it is."""

_METHODS = frozenset(
    {
        *("gradient_checkpointing_enable", "enable_input_require_grads", "get_memory_footprint"),
        *("resize_token_embeddings", "parameters", "named_parameters", "num_parameters"),
        *("tie_weights", "get_input_embeddings", "get_output_embeddings", "save_pretrained"),
        *("named_modules", "modules", "generate"),
    }
)


def check(context: RuleContext) -> Iterator[Hit]:
    """Nothing: a file with a setting has an adapter."""
    yield from ()


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every trainer of a file without adapters that gets a quantised model."""
    script = read_calls(document, "from_pretrained", "Trainer(")
    if script is None or any(_ADAPTS.search(use.name) for use in script.uses):
        return
    if _ADAPTS.search(_drop_comments(document.text)):
        return
    for use in script.uses:
        if (
            use.name not in _TRAINERS
            or use.fails
            or not use.complete
            or "peft_config" in use.arguments
        ):
            continue
        load = _find_load(script, get_model_argument(use))
        if load is None or not _is_quantized(script, load) or _goes_elsewhere(script, load):
            continue
        yield Hit(
            f"`{use.last}` is given a quantised model without an adapter: ValueError",
            get_call_span(document, use),
            help=_write_help(use, load),
            spans=((get_call_span(document, load), "loaded here in 4 or 8 bits"),),
        )


def _drop_comments(text: str) -> str:
    """The text without imports, and without the lines that are comments: a call in one puts no
    adapter on.
    """
    lines = text.split("\n")
    return _IMPORT.sub("", "\n".join(line for line in lines if not _COMMENT.match(line)))


def _write_help(trainer: Use, load: Use) -> str:
    if _UNSLOTH.fullmatch(load.name):
        return f"put the adapter on it first: {load.name.split('.')[-2]}.get_peft_model(model)"
    if trainer.name.startswith("trl."):
        return "give it peft_config=LoraConfig(...)"
    return "give it get_peft_model(model, LoraConfig(...))"


def _find_load(script: Script, operand: Operand | None) -> Use | None:
    """The call of transformers or Unsloth that loaded a model; Unsloth's gives a tokenizer too."""
    load = find_load(script, operand)
    maker = find_source_call(script, operand)
    unsloth_load = maker if maker is not None and _UNSLOTH.fullmatch(maker.name) else None
    return load or unsloth_load


def _is_quantized(script: Script, load: Use) -> bool:
    """Whether a call loads a base model in 4 or 8 bits, for certain."""
    if _UNSLOTH.fullmatch(load.name):
        name = get_literal(load, "model_name", 0)
        bits = get_literal(load, "load_in_4bit") is True
        plain = not {"full_finetuning", "load_in_16bit"} & load.arguments.keys()
        return isinstance(name, str) and _PUBLISHERS.match(name) is not None and bits and plain
    return is_model_load(load) and find_bits_option(script, load) is not None


def _goes_elsewhere(script: Script, load: Use) -> bool:
    """Whether the model is given to a call that may put an adapter on it in place."""
    number = load.number
    numbers = {number} | {
        place
        for place, use in enumerate(script.uses)
        if use.last in HANDS_BACK or (use.last in KEEPS_OWNER and use.owner.call_number == number)
    }
    others = (load.variables or ())[1:]  # the tokenizer, which Unsloth gives back with the model

    def is_model(operand: Operand) -> bool:
        return operand.call_number in numbers and operand.name not in others

    for use in script.uses:
        if is_model(use.owner) and use.last not in _METHODS | KEEPS_OWNER:
            return True
        hands_on = use.last in HANDS_BACK | _LOOKS or use.name in _TRAINERS
        if any(map(is_model, use.arguments.values())) and not hands_on:
            return True
    return False
