"""A target that is written in a way no module name can match.

## What
A slip of spelling rather than of architecture: several names in one list entry (`q_proj,v_proj`),
quotes or blanks inside a name, the wrapper's prefix (`base_model.model.`), a parameter instead of a
module (`q_proj.weight`), another tool's keyword (`lora_target_linear`) or flattened name
(`lora_unet_...`), a bare number.

## Why
PEFT takes a string as one regular expression for a whole module name and list entries literally.
What is left matches nothing, or something quite different: `8` is decoder layer 8 as a whole.

## Bad
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj,v_proj", "8"]}
```
```json
{"peft_type": "LORA", "r": 8,
 "target_modules": ["base_model.model.model.layers.0.self_attn.q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Write the plain names of modules, one to an entry.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`); huggingface/peft issue 2964,
hiyouga/LlamaFactory issue 2550.
"""

from __future__ import annotations

from loracheck.rules.support import name_typos
from loracheck.rules.support.name_as_regex import is_single_name_regex
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

CODE = "LC213"
NAME = "target-name-slip"
SEVERITY = "error"
WRAPPER = "base_model."
"""How the names of a PeftModel's modules begin (PEFT 0.21.2 peft_model.py)."""

FIELDS = ("target_modules", "modules_to_save", "exclude_modules")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every string or list entry that is misspelt by form."""
    for field in FIELDS:
        value = context.value(field)
        if context.setting.behaviour.on_adapter:
            wrapper = context.setting.behaviour.wrapper
            value = _remove_wrapped_names(value, f"{wrapper}." if wrapper else WRAPPER)
        if value is None or (field == "target_modules" and is_single_name_regex(context)):
            continue
        if isinstance(value, str) and field != "modules_to_save":
            slip = name_typos.find_typo_in_string(value) or _find_typo_in_single_name(
                context, field, value
            )
            if slip is not None and all(i.id != "list-in-quotes" for i in context.issues):
                yield Hit(slip.text, context.place(field), help=slip.help, field=field)
        elif isinstance(value, (list, tuple, set, frozenset)):
            yield from _check_entries(context, field, [v for v in value if isinstance(v, str)])


def _remove_wrapped_names(value: Value, start: str) -> Value:
    """The value without the names of a model in PEFT's wrapper, which are right where one is."""
    if isinstance(value, str):
        return None if value.startswith(start) else value
    if isinstance(value, (list, tuple)):
        return [v for v in value if not (isinstance(v, str) and v.startswith(start))]
    return value


def _check_entries(context: RuleContext, field: str, entries: list[str]) -> Iterator[Hit]:
    slips = {
        entry: slip
        for entry in entries
        if (slip := name_typos.find_typo_in_entry(entry)) is not None
    }
    if field == "modules_to_save":
        slips.pop("", None)  # LC402: every name ends with it
    if not slips:
        return
    matched, works = (
        _collect_matching_entries(context, field),
        _collect_milder_severities(context, field),
    )
    for entry, correction in slips.items():
        if entry not in matched:
            # The layers of a torch.nn.Sequential made by hand are called just that.
            by_hand = entry.isdecimal() and not isinstance(context.setting.model, str)
            layers = not entry.isdecimal() or context.takes("layers_to_transform")
            yield Hit(
                correction.text,
                context.entry_place(field, entry),
                help=correction.help if layers else correction.help.partition(";")[0],
                field=field,
                severity="note" if by_hand and context.tree is None else works.get(entry),
            )


def _find_typo_in_single_name(
    context: RuleContext, field: str, value: str
) -> name_typos.NameTypo | None:
    """The typo of a single name where no model is known; with a model LC201 reports it."""
    if (
        field != "target_modules"
        or context.tree is not None
        or context.setting.own_lora is not None
    ):
        return None
    if "|" in value and value not in context.document.source:
        return None  # a tool's own patterns, joined
    sure = isinstance(context.setting.model, str) and isinstance(context.value("task_type"), str)
    return name_typos.find_typo_in_single_name(value, transformer=sure)


def _collect_matching_entries(context: RuleContext, field: str) -> set[str]:
    """Entries that the known model does have, however odd they look, without bare numbers."""
    plan = context.names_plan
    entries = (
        {str(r.entry) for r in plan.list_matches(field) if r.matched} if plan is not None else set()
    )
    return {entry for entry in entries if not entry.isdecimal()}


def _collect_milder_severities(context: RuleContext, field: str) -> dict[str, Severity]:
    """The severity of entries that reach something: a bare number that does is odd, but no
    error.
    """
    plan = context.names_plan
    if plan is None or plan.error is not None:
        return {}
    return {str(reach.entry): "warning" for reach in plan.list_matches(field) if reach.effect}
