"""A name for an adapter that torch refuses, or that PEFT loses in the names of its weights.

## What
`adapter_name` of `get_peft_model`, `add_adapter`, `load_adapter`, `PeftModel.from_pretrained` or
diffusers' `load_lora_weights`

- has a dot in it, as a file's name has, or is empty;
- is the beginning of `lora_A` or `lora_B`, such as `lora`;
- is a list, in diffusers' `load_lora_weights` too, where `set_adapters` takes one.

## Why
The name becomes that of a module, in which torch allows no dot: KeyError, "module name can't
contain ".", got: v1.0". PEFT takes the name out of those of the weights when it saves them; before
0.18 it took it out wherever it stood, so that `q_proj.lora_A.lora.weight` is saved as
`q_proj_A.weight`. Nothing is said, and the adapter that is loaded again is a new one. Later
releases save it as it should be, and warn all the same. Seen in huggingface/peft issue 2699,
a list in huggingface/finetrainers issue 40, a path in NVIDIA/TensorRT issue 4536.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, config, adapter_name="v1.0")
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, config, adapter_name="v1_0")
```

## Fix
Give it another name, or none.

## Source
torch 2.13.0 `nn/modules/module.py` (`add_module`); PEFT 0.17.1 `utils/save_and_load.py`, line 319,
and 0.18.1; PEFT 0.13.2, 0.15.2, 0.18.1 and 0.21.2 executed, the pipeline with diffusers 0.42.1.
"""

from __future__ import annotations

from loracheck.plan.config.releases import parse_release
from loracheck.rules.support.script_adapters import get_literal, get_text, has_argument
from loracheck.rules.support.script_calls import (
    find_source_call,
    get_call_span,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

CODE = "LC171"
NAME = "adapter-name"
SEVERITY = "error"

_KEPT_SINCE = (0, 18)
"""PEFT release that takes the name out at its own place alone."""

_LOADS = frozenset({"load_lora_weights", "load_lora_adapter", "load_adapter"})
"""Methods of PEFT, transformers and diffusers that take the name of the adapter they load."""

_PARTS = ("lora_A", "lora_B", "lora_embedding_A")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such name; the first setting of the file speaks."""
    if not context.first:
        return
    yield from check_bare(context.document)
    old = parse_release(context.peft) < _KEPT_SINCE
    severity: Severity = "error" if old else "note"
    for use, name in _read_names(context.document):
        if name and not _get_pipeline_keys(use) and any(p.startswith(name) for p in _PARTS):
            yield Hit(
                f"PEFT before 0.18 loses the adapter name {name!r} in the names of the weights: "
                "what it saves is not loaded again",
                get_call_span(context.document, use),
                help="give the adapter another name, or leave adapter_name out",
                notes=() if old else ("later releases only warn of such a name",),
                severity=severity,
            )


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every name that torch refuses, or that is a list."""
    yield from _check_lists(document)
    for use, name in _read_names(document):
        if name and "." not in name:
            continue
        stem = name.rpartition("/")[2].removesuffix(".safetensors").removesuffix(".bin")
        better = stem.replace(".", "_") or "default"
        yield Hit(
            f"an adapter cannot have the name {name!r}: torch takes no module name "
            f"{'with a dot' if name else 'that is empty'}",
            get_call_span(document, use),
            help=f'write adapter_name="{better}"',
        )


def _check_lists(document: Document) -> Iterator[Hit]:
    """One hit for every load that gets its adapter's name in a list."""
    script = read_calls(document, "adapter_name", "load_")
    for use in script.uses if script is not None else ():
        names = get_literal(use, "adapter_name") if use.last in _LOADS else None
        if isinstance(names, list) and len(names) == 1 and not use.fails:
            yield Hit(
                "an adapter has one name, and a list is none: TypeError, unhashable type: 'list'",
                get_call_span(document, use),
                help=f'write adapter_name="{names[0]}"',
            )


def _read_names(document: Document) -> Iterator[tuple[Use, str]]:
    """The calls that give an adapter a literal name, with the name."""
    script = read_calls(document)
    has_peft = "eft" in document.source
    for use in script.uses if script is not None else ():
        if script is None or use.fails:
            continue
        keys = _get_name_keys(script, use) if has_peft else _get_pipeline_keys(use)
        name = get_text(use, *keys) if keys and has_argument(use, *keys) else None
        if name is not None:
            yield use, name


def _get_pipeline_keys(use: Use) -> tuple[str | int, ...]:
    """Where diffusers' call that loads a LoRA takes its name; () for any other call."""
    return ("adapter_name", 1) if use.last == "load_lora_weights" else ()


def _get_name_keys(script: Script, use: Use) -> tuple[str | int, ...]:
    """Where a call of PEFT takes the adapter's name; () for any other call."""
    if makes_adapter(use):
        return ("adapter_name", 2)
    owner = find_source_call(script, use.owner)
    if owner is None or not makes_adapter(owner):
        return _get_pipeline_keys(use)
    return {"add_adapter": ("adapter_name", 0), "load_adapter": ("adapter_name", 1)}.get(
        use.last, ()
    )
