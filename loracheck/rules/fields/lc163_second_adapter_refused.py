"""A second adapter that PEFT refuses beside the first one.

## What
`model.add_adapter(name, config)` or `model.load_adapter(folder, name)` on a model that has an
adapter, where both configs train biases (`bias="all"` or `"lora_only"`); or where both have
`target_parameters`: in any way under PEFT 0.17.1 to 0.19, with other names in later releases; or a
second adapter of the first one's name, which is `default` where `get_peft_model` is given none.
The same name twice is refused by `add_adapter(config, name)` of transformers and diffusers too,
whose name is `default` where none is given. Under PEFT before 0.16 also a saved adapter whose
expression in `target_modules` ends openly (`.*self_attn.*(q_proj|v_proj).*`).

## Why
PEFT raises ValueError: "LoraModel supports only 1 adapter with bias", "only one LoRA adapter per
model with `target_parameters` is allowed", "all adapters must target the same set of parameters",
"Adapter with name 'default' already exists". PEFT before 0.21 takes the name a second time, and the
layers of both configs then share it. An open expression also matches what the first adapter has put
into the layers: "Target module ModuleDict(...) is not supported". Seen in huggingface/peft issue
3340 and unslothai/unsloth issue 2322.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
config = LoraConfig(r=8, target_modules=["q_proj"], bias="all", task_type="CAUSAL_LM")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B"), config)
model.add_adapter("second", config)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
model = get_peft_model(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B"), config)
model.add_adapter("second", config)
```

## Fix
Write `bias="none"` in all configs but one; give all adapters the same `target_parameters`, and each
a name of its own.

## Source
PEFT 0.21.2 `peft_model.py` (`add_adapter`), `tuners/tuners_utils.py` and `tuners/lora/model.py`
(`_check_new_adapter_config`); PEFT 0.18.1 `tuners/lora/model.py`, line 174; transformers 5.24.0
`integrations/peft.py` and diffusers 0.40.0 `loaders/peft.py` (`add_adapter`), all executed; PEFT
0.13.2 to 0.18.1 for expressions.
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.plan.config.releases import parse_release
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.regexes import compile_pattern
from loracheck.rules.support.script_adapters import (
    collect_adapters,
    find_config_call,
    find_maker,
    get_text,
)
from loracheck.rules.support.script_calls import (
    find_source_call,
    get_call_span,
    is_library_load,
    is_same_model,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.config.joining.adapter import Adapter
    from loracheck.documents.python.uses import Use
    from loracheck.rules.adapters_context import AdaptersContext
    from loracheck.rules.context import RuleContext

CODE = "LC163"
NAME = "second-adapter-refused"
SEVERITY = "error"

_ONE_SINCE, _SAME_SINCE = (0, 17, 1), (0, 20)
"""PEFT releases from which one adapter, and several of the same names, may have parameters."""

_NAMES_SINCE = (0, 21)
"""PEFT release from which a name can be given once."""

_INNER_SINCE = (0, 16)
"""PEFT release from which an adapter is not put into the layers of another one."""

_LOOKED_AT = 20
"""Modules of the other adapter that an expression is held against: they end alike."""

_ASKS = compile_when_used(r"\bin [\w.]+\.peft_config\b")
"""A script that looks first whether a name is taken."""

_FIRST_CONFIG = compile_when_used(
    r"""\s*\([^(),]+,\s*(?:peft_config\s*=\s*)?(?:(?:copy\.)?(?:deep)?copy\()?"""
    r"""(?P<model>\w+)\.peft_config\[\\?["'](?P<name>\w+)\\?["']\]""",
    words=(".peft_config[",),
)
"""The arguments of `add_adapter`, in a notebook's JSON too."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every second adapter; the first setting of the file speaks."""
    if context.first:
        yield from _check_methods(context)
    script = read_calls(context.document, "get_peft_model", "add_adapter(")
    for use in script.uses if script is not None and context.first else ():
        maker = find_source_call(script, use.owner) if script is not None else None
        if use.last != "add_adapter" or maker is None or use.fails or script is None:
            continue
        if maker.last != "get_peft_model" or not makes_adapter(maker):
            continue
        first = find_config_call(script, maker)
        second = (
            first if _takes_first_config(context, maker, use) else find_config_call(script, use)
        )
        reason = _find_name_taken(context, maker, use)
        if reason is None and first and second:
            reason = _find_refusal_reason(context, first, second)
        if reason is not None:
            message, help = reason
            yield Hit(
                message,
                get_call_span(context.document, use),
                help=help,
                spans=((get_call_span(context.document, maker), "the first adapter"),),
            )


def check_adapters(context: AdaptersContext) -> Iterator[Hit]:
    """One hit for every adapter that is loaded beside another one and refused there."""
    script = read_calls(context.document, "load_adapter(")
    for number, use in enumerate(script.uses if script is not None else ()):
        maker = find_maker(script, use.owner) if script is not None else None
        if use.last != "load_adapter" or maker is None or use.fails or script is None:
            continue
        folder, adapter = get_text(use, 0, "model_id"), None
        if folder is not None and use.complete and "subfolder" not in use.arguments:
            adapter = context.read_folder(folder)
        there = collect_adapters(script, maker, number, context.read_folder)
        if adapter is None or not there.complete:
            continue
        for other in filter(None, there.adapters.values()):
            reason = _find_loaded_refusal(context.peft, other, adapter)
            if reason is not None:
                made = get_call_span(context.document, script.uses[maker])
                yield Hit(
                    reason[0],
                    get_call_span(context.document, use),
                    help=reason[1],
                    spans=((made, "the first adapter"),),
                )
                break


def _find_loaded_refusal(
    release: tuple[int, ...], other: Adapter, adapter: Adapter
) -> tuple[str, str] | None:
    """What PEFT says of an adapter that is loaded beside another one, and what to do."""
    if _has_bias(other) and _has_bias(adapter):
        return (
            f"LoraModel supports only 1 adapter with bias, and `{other.name}` has one",
            'train one of them with bias="none", or load each on its own base model',
        )
    names = other.get("target_parameters"), adapter.get("target_parameters")
    if all(isinstance(one, (list, tuple)) and one for one in names):
        return _compare_parameters(release, *names)
    if release < _INNER_SINCE and _reaches_inside(other, adapter):
        return (
            f"the expression of its `target_modules` matches the layers inside those of "
            f"`{other.name}` (`....lora_dropout`), which PEFT before 0.16 refuses",
            "let the expression end with the names of the layers, without `.*` behind them, in its "
            "adapter_config.json; or use PEFT 0.16 or newer",
        )
    return None


def _has_bias(adapter: Adapter) -> bool:
    return adapter.get("bias") in ("all", "lora_only")


def _reaches_inside(other: Adapter, adapter: Adapter) -> bool:
    """Whether an adapter's expression matches a module that another adapter has put in."""
    pattern, ranks = adapter.get("target_modules"), other.ranks
    if not isinstance(pattern, str) or pattern == "all-linear" or not ranks:
        return False
    try:
        matches = compile_pattern(pattern, "target_modules", whole=True)
        return any(matches(f"{name}.lora_dropout") for name in list(ranks)[:_LOOKED_AT])
    except RefusedError:
        return False


def _check_methods(context: RuleContext) -> Iterator[Hit]:
    """One hit for every second adapter that transformers or diffusers refuse for its name."""
    script = read_calls(context.document, "add_adapter(", "from_pretrained(")
    text = context.document.source
    if script is None or "delete_adapter" in text or _ASKS.search(text):
        return
    added = [use for use in script.by_name.get("add_adapter", ()) if use.owner.call_number >= 0]
    added = [use for use in added if is_library_load(script.uses[use.owner.call_number])]
    for number, use in enumerate(added):
        name = _get_method_name(use)
        for first in added[:number] if name is not None and not use.fails else ():
            same = is_same_model(first.owner, use.owner) and first.scope == use.scope
            if (
                same
                and _get_method_name(first) == name
                and not _is_alternative(context, first, use)
            ):
                yield Hit(
                    f"an adapter with the name {name!r} is there already",
                    get_call_span(context.document, use),
                    help="give each adapter its own name, as adapter_name",
                    spans=((get_call_span(context.document, first), "the first adapter"),),
                )
                break


def _get_method_name(use: Use) -> str | None:
    """The name that transformers' or diffusers' method gives; None where it is not known."""
    name = use.arguments.get("adapter_name", use.arguments.get(1))
    value = "default" if name is None and use.complete else name.value if name else None
    return value if type(value) is str else None


def _is_alternative(context: RuleContext, first: Use, second: Use) -> bool:
    """Whether one of two calls need not run where the other does: they are indented otherwise than
    a plain sequence of statements, or a branch stands between them.
    """
    text = context.document.text
    lines = [
        text[text.rfind("\n", 0, use.place.start) + 1 : use.place.start] for use in (first, second)
    ]
    depths = [len(line) - len(line.lstrip()) for line in lines]
    between = text[first.place.end : second.place.start]
    branch = re.search(
        r"^\s*(?:else|elif|except|case|return|if|for|while)\b", between, re.MULTILINE
    )
    return depths[0] != depths[1] or branch is not None


def _takes_first_config(context: RuleContext, maker: Use, use: Use) -> bool:
    """Whether a second adapter gets the first one's config (`model.peft_config["default"]`)."""
    taken = _FIRST_CONFIG.match(context.document.text, use.place.end)
    name = maker.arguments.get("adapter_name", maker.arguments.get(2))
    return (
        taken is not None
        and taken["model"] in (maker.variables or ())
        and taken["name"] == ("default" if name is None else name.value)
    )


def _find_name_taken(context: RuleContext, maker: Use, use: Use) -> tuple[str, str] | None:
    """What PEFT says of a second adapter with the first one's name, and what to write."""
    text = context.document.source
    if "delete_adapter" in text or _ASKS.search(text):
        return None
    if parse_release(context.peft) < _NAMES_SINCE:
        return None
    first = maker.arguments.get("adapter_name", maker.arguments.get(2))
    second = use.arguments.get("adapter_name", use.arguments.get(0))
    name = "default" if first is None else first.value
    if not maker.complete or second is None or type(name) is not str or second.value != name:
        return None
    return f"an adapter with the name {name!r} is there already", "give each adapter its own name"


def _find_refusal_reason(context: RuleContext, first: Use, second: Use) -> tuple[str, str] | None:
    """What PEFT says of the two configs, and what to write."""
    if all(
        _get_argument_value(config, "bias") in ("all", "lora_only") for config in (first, second)
    ):
        return "LoraModel supports only 1 adapter with bias", 'write bias="none" in one of them'
    one, other = (_get_argument_value(config, "target_parameters") for config in (first, second))
    if not (isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and one and other):
        return None
    return _compare_parameters(parse_release(context.peft), one, other)


def _compare_parameters(
    release: tuple[int, ...], one: Sequence[str], other: Sequence[str]
) -> tuple[str, str] | None:
    """What PEFT says of two adapters with `target_parameters`."""
    if _ONE_SINCE <= release < _SAME_SINCE:
        return (
            "PEFT before 0.20 takes only one adapter per model with `target_parameters`",
            "use PEFT 0.20 or newer, or train the adapters on two copies of the model",
        )
    if release >= _SAME_SINCE and set(one) != set(other):
        return (
            "all adapters of a model must have the same `target_parameters`",
            "give both configs the same names",
        )
    return None


def _get_argument_value(config: Use, key: str) -> object:
    argument = config.arguments.get(key)
    return argument.value if argument is not None else None
