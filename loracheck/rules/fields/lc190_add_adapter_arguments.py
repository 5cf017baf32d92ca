"""`add_adapter` with arguments that it refuses.

## What
`add_adapter` of a PEFT model without a config, or with config and name in the order of
transformers; `add_adapter` of a model of transformers with a name or a folder in the place of the
config.

## Why
`add_adapter` puts a new adapter on: PEFT's takes a name and a config, transformers' a config and
a name. A folder with a trained adapter is what `load_adapter` takes. The call ends with TypeError.
Seen in huggingface/peft issue 1064.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model.add_adapter("./second")
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model.load_adapter("./second", adapter_name="second")
```

## Fix
A trained adapter: `load_adapter(folder, adapter_name=...)`. A new one: `add_adapter("name",
config)` on a PEFT model, `add_adapter(config, adapter_name="name")` on a model of transformers.

## Source
PEFT 0.21.2 `peft_model.py` (`add_adapter`), transformers 5.24.0 `integrations/peft.py`
(`add_adapter`). Executed on a tiny Llama, each with each.
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import find_maker
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC190"
NAME = "add-adapter-arguments"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every `add_adapter` whose arguments the model's class refuses."""
    # The package `adapters` gives models of transformers an `add_adapter` of its own.
    script = (
        read_calls(document, "add_adapter(", "from_pretrained")
        if "adapters." not in document.source and "import adapters" not in document.source
        else None
    )
    for use in script.uses if script is not None else ():
        if script is None or use.last != "add_adapter" or use.fails or not use.complete:
            continue
        reason = _find_reason(script, use)
        if reason is not None:
            yield Hit(
                f"{reason[0]}: TypeError", get_call_span(document, use), help=f"write {reason[1]}"
            )


def _find_reason(script: Script, use: Use) -> tuple[str, str] | None:
    """What is wrong with a call, and what to write; None where nothing is known to be."""
    wrapped = find_maker(script, use.owner) is not None
    if not wrapped and find_bare_load(script, use.owner) is None:
        return None
    first = use.arguments.get(0)
    given = first or use.arguments.get("adapter_name")
    name = given.value if given is not None else None
    if wrapped and _is_config(script, first):
        return (
            "add_adapter of a PEFT model takes the adapter's name first",
            "add_adapter(name, config)",
        )
    if not isinstance(name, str) or _CONFIG_KEYS & use.arguments.keys():
        return None
    folder = "/" in name or name.startswith(".")
    load = f'load_adapter({name!r}, adapter_name="...")' if folder else None
    if wrapped and 1 not in use.arguments:
        return (
            "add_adapter of a PEFT model needs a config",
            load or f"add_adapter({name!r}, config)",
        )
    if wrapped or first is None:
        return None
    return (
        "add_adapter of transformers takes a config first, and no "
        f"{'folder' if folder else 'name'}",
        load or f"add_adapter(config, adapter_name={name!r})",
    )


def _is_config(script: Script, operand: Operand | None) -> bool:
    call = find_source_call(script, operand)
    return call is not None and call.last == "LoraConfig"


_CONFIG_KEYS = frozenset({"peft_config", "adapter_config"})
