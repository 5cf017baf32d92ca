"""A quantisation that a script prepares, and that its model is loaded without.

## What
A `BitsAndBytesConfig(...)` that nothing takes, while the file loads its model without any, or one
that has settings for 4 bits and no `load_in_4bit=True`; or
`prepare_model_for_kbit_training` on a checkpoint that was loaded unquantised.

## Why
The model is loaded in 16 bits: four times the memory of 4 bits. What is meant to follow the
quantisation then makes it worse, for `prepare_model_for_kbit_training` casts every 16-bit weight to
float32, which doubles it. Nothing is said. The call alone is a note, as it freezes the base model
too, which may be what is wanted. Seen in bitsandbytes-foundation/bitsandbytes issue 1569.

## Bad
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = prepare_model_for_kbit_training(model)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Good
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
model = prepare_model_for_kbit_training(model)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Fix
Give the config to `from_pretrained(..., quantization_config=bits)`; without a quantisation leave
`prepare_model_for_kbit_training` out.

## Source
PEFT 0.21.2 `utils/other.py` (`prepare_model_for_kbit_training`, "cast all non INT8 parameters to
fp32"), executed.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import (
    find_load,
    get_call_span,
    get_model_argument,
    is_model_load,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC160"
NAME = "model-not-quantized"
SEVERITY = "warning"

_PREPARES = "prepare_model_for_kbit_training"
_KEYS = frozenset({"quantization_config", "load_in_4bit", "load_in_8bit", "config", "gguf_file"})
"""Arguments by which a model is loaded quantised, or may be."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the config that nothing takes, else one for the preparation without one."""
    document = context.document
    script = read_calls(document, "from_pretrained") if context.first else None
    if script is None or document.problems:
        return
    later = ".load_in_" in document.source  # the bits are assigned to the config
    for use in script.uses:
        if use.last == "BitsAndBytesConfig" and _lacks_bits(use) and not later:
            yield Hit(
                "this BitsAndBytesConfig quantises nothing: it has settings for 4 bits and no "
                "`load_in_4bit=True`",
                get_call_span(document, use),
                help="write load_in_4bit=True in it",
            )
            return
    idle = _find_idle_config(script)
    if idle is not None:
        config, load = idle
        yield Hit(
            f"nothing takes `{(config.variables or ('',))[0]}`: the model is loaded unquantised",
            get_call_span(document, config),
            help=f"write quantization_config={(config.variables or ('',))[0]} in from_pretrained",
            spans=((get_call_span(document, load), "loaded here, without it"),),
        )
        return
    for use in script.uses:
        model_load = find_load(script, get_model_argument(use)) if use.last == _PREPARES else None
        if (
            model_load is not None
            and not use.fails
            and _is_plain(model_load)
            and _is_wide(context, model_load)
        ):
            yield Hit(
                f"`{_PREPARES}` is given a model that is not quantised: it casts every 16-bit "
                "weight to float32",
                get_call_span(document, use),
                help="leave the call out, or load the model with a quantization_config",
                spans=((get_call_span(document, model_load), "loaded here"),),
                severity="note",
            )


def _lacks_bits(config: Use) -> bool:
    """Whether a config has settings for 4 bits and, for certain, no bits."""
    return (
        config.complete
        and not config.fails
        and any(str(key).startswith("bnb_4bit_") for key in config.arguments)
        and not {0, 1, "load_in_4bit", "load_in_8bit"} & config.arguments.keys()
    )


def _find_idle_config(script: Script) -> tuple[Use, Use] | None:
    """A BitsAndBytesConfig whose variable is never read, and a load of a file without bits."""
    constructor_calls = script.by_name.get("BitsAndBytesConfig", ())
    idle = next(
        (u for u in constructor_calls if u.variables and not script.names_read & set(u.variables)),
        None,
    )
    loads = [use for use in script.uses if is_model_load(use)]
    if idle is None or len(constructor_calls) > 1 or not loads or not all(map(_is_plain, loads)):
        return None
    return idle, loads[0]


def _is_plain(load: Use) -> bool:
    """Whether a call that loads a model has all its arguments here, and none that quantises."""
    return load.complete and not _KEYS & load.arguments.keys()


def _is_wide(context: RuleContext, load: Use) -> bool:
    """Whether the checkpoint of the setting is this one, and known not to be quantised itself."""
    tree, name = (
        context.tree,
        load.arguments.get(0, load.arguments.get("pretrained_model_name_or_path")),
    )
    same = name is not None and isinstance(name.value, str) and name.value == context.setting.model
    return same and tree is not None and quantization.find_quantization_method(tree) is None
