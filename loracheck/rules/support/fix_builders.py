"""Builds the fixes of rules. A fix is made only where the file holds the very value that the rule
speaks of.

A tool's file may say a field in its own way (a comma list, a switch); such a value is not touched.
Imported when there is something to mend.
"""

from __future__ import annotations

import re

from loracheck.config.value_suggestions import TASKS, strip_marks
from loracheck.documents.regexes import COMPILE_ERRORS, compile_regex
from loracheck.fixes import build_fix, edits
from loracheck.fixes.verify import is_same_value
from loracheck.rules.support.diffusion_names import is_of_first_layout
from loracheck.rules.support.linear_layers import find_linear_layers
from loracheck.rules.support.numbered_names import find_meant_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.config.check import Issue
    from loracheck.documents.model import Path
    from loracheck.documents.values import Value
    from loracheck.findings import Fix
    from loracheck.rules.context import RuleContext

EXACT_SYNONYMS = frozenset(
    {
        "rank", "lora_r", "lora_rank", "alpha", "dropout", "target_module", "lora_target_modules",
        "exclude_module", "excluded_modules", "module_to_save", "lora_modules_to_save", "rslora",
        "rs_lora", "use_rs_lora", "dora", "lora_use_dora", "tasktype", "lora_fan_in_fan_out",
    }
)  # fmt: skip
"""Spellings that mean one field and nothing else. A slip (`lora_aplha`) is only likely one."""

EXACT_TASK_SYNONYMS = frozenset(
    {
        "questionanswering", "questionanswer", "extractiveqa", "causallanguagemodeling",
        "seq2seqlanguagemodeling", "sequenceclassification", "seqclassification",
        "tokenclassification",
    }
)  # fmt: skip
"""Task names with one counterpart in PEFT. `translation` or `embedding` may be meant otherwise."""


def get_value_at(context: RuleContext, path: Path) -> Any:
    """The document's value at a path; None where there is none."""
    value: Any = context.document.roots
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value


def find_plain_value_path(context: RuleContext, field: str) -> Path | None:
    """The path of a field whose value stands in the file just as PEFT gets it; None for a field
    that the tool writes in its own way (a comma list, a switch).
    """
    path = context.setting.places.get(field)
    if path is None or not is_same_value(
        get_value_at(context, path), context.setting.fields.get(field)
    ):
        return None
    return path


def rename_key(context: RuleContext, issue: Issue) -> Fix | None:
    """Rename an unknown key to the field that is meant, or remove a field that PEFT no longer has
    and that holds nothing.
    """
    name = str(issue.path[0])
    path = find_plain_value_path(context, name)
    if path is None or context.setting.form == "tool" or path[-1] != name:
        return None
    if issue.id.startswith("removed-"):
        if context.setting.fields[name]:
            return None
        return build_fix(f"remove `{name}`", edits.remove_entry(context.document, path), safe=True)
    right = issue.suggestion
    if not isinstance(right, str) or right in context.setting.fields:
        return None
    # Only a call that raises is certainly wrong: a script may read other keys of its own file, and
    # a saved adapter was trained without the key.
    safe = context.setting.form == "python" and context.setting.complete and name in EXACT_SYNONYMS
    return build_fix(
        f"rename to `{right}`", edits.rename_key(context.document, path, right), safe=safe
    )


def correct_type(context: RuleContext, issue: Issue) -> Fix | None:
    """Write the value in the type that PEFT needs. Safe where only quotes or a `.0` go."""
    path = find_plain_value_path(context, str(issue.path[0]))
    if path is None or issue.suggestion is None:
        return None
    path += tuple(issue.path[1:])
    old, new = get_value_at(context, path), issue.suggestion
    if isinstance(new, bool):
        # A saved adapter was trained with the option on: any string counts as true.
        safe = isinstance(old, str) and context.setting.purpose != "saved"
    else:
        safe = isinstance(new, (int, float)) and isinstance(old, (str, float))
    return build_fix(f"write {new!r}", edits.replace_value(context.document, path, new), safe=safe)


def correct_choice(context: RuleContext, issue: Issue) -> Fix | None:
    """Write the choice that is meant. Safe where it differs in case and punctuation alone, or is a
    task that has one name in PEFT.
    """
    path = find_plain_value_path(context, str(issue.path[0]))
    if path is None or issue.suggestion is None:
        return None
    path += tuple(issue.path[1:])
    old, new = str(get_value_at(context, path)), issue.suggestion
    is_synonym = issue.path == ("task_type",) and strip_marks(old) in EXACT_TASK_SYNONYMS
    safe = strip_marks(old) == strip_marks(new) or (is_synonym and TASKS[strip_marks(old)] == new)
    return build_fix(f"write {new!r}", edits.replace_value(context.document, path, new), safe=safe)


def replace_value(
    context: RuleContext, field: str, value: Value, title: str, *, safe: bool
) -> Fix | None:
    """Write another value for a field."""
    path = find_plain_value_path(context, field)
    return (
        path and build_fix(title, edits.replace_value(context.document, path, value), safe=safe)
    ) or None


def remove_entry(context: RuleContext, field: str, entry: str) -> Fix | None:
    """Remove one entry of a list; write null where it is the only one."""
    path, value = find_plain_value_path(context, field), context.setting.fields.get(field)
    if path is None or not isinstance(value, (list, tuple)):
        return None
    if list(value) == [entry]:
        return build_fix("write null", edits.replace_value(context.document, path, None))
    at = list(value).index(entry)
    return build_fix(f"remove {entry!r}", edits.remove_entry(context.document, (*path, at)))


def replace_target(
    context: RuleContext, entry: str, names: list[str], written_names: set[str]
) -> Fix | None:
    """Replace a target that matches nothing by its counterparts in the model, or remove it where
    these are listed already.

    `written_names` holds the names that other fixes of the same list write; what this one writes is
    added.
    """
    path, value = (
        find_plain_value_path(context, "target_modules"),
        context.setting.fields.get("target_modules"),
    )
    if path is None or not isinstance(value, (list, tuple)) or entry not in value:
        return None
    new = [name for name in names if name not in value and name not in written_names]
    where = (*path, list(value).index(entry))
    if not (names or _has_all_counterparts(context, entry, list(value))):
        return None
    if _may_mean_less(context, entry):
        return None
    written_names.update(new)
    if not new:
        return build_fix(f"remove `{entry}`", edits.remove_entry(context.document, where))
    title = f"replace by {', '.join(f'`{name}`' for name in new)}"
    if len(new) == 1:
        return build_fix(title, edits.replace_value(context.document, where, new[0]))
    items = [new[0] if item == entry else item for item in value]
    return build_fix(title, edits.replace_list(context.document, path, items + new[1:]))


def _may_mean_less(context: RuleContext, entry: str) -> bool:
    """Whether a name stands for fewer layers than its counterparts reach, as one of another layout
    of a diffusion model may.
    """
    return context.tree is not None and is_of_first_layout(entry, context.tree)


def _has_all_counterparts(context: RuleContext, entry: str, value: list[Value]) -> bool:
    """Whether the list has everything that a name stands for in this model under the model's own
    names.
    """
    tree = context.tree
    names = find_meant_modules(entry, tree, find_linear_layers(tree)) if tree else []
    return bool(names) and all(name in value for name in names)


def rewrite_targets(context: RuleContext, names: dict[str, list[str]]) -> Fix | None:
    """Write the whole list of targets in the model's own names; `names` are the counterparts of
    each entry.
    """
    path, value = (
        find_plain_value_path(context, "target_modules"),
        context.setting.fields.get("target_modules"),
    )
    if path is None or not isinstance(value, (list, tuple)):
        return None
    new = list(dict.fromkeys(name for entry in value for name in names.get(str(entry), [])))
    if not new or any(_may_mean_less(context, entry) for entry in names):
        return None
    title = f"replace by {', '.join(f'`{name}`' for name in new)}"
    return build_fix(title, edits.replace_list(context.document, path, new))


def join_patterns(context: RuleContext, field: str) -> Fix | None:
    """Write a list of regular expressions as one expression, which PEFT takes."""
    path, value = find_plain_value_path(context, field), context.setting.fields.get(field)
    if path is None or not isinstance(value, (list, tuple)) or not value:
        return None
    if not all(isinstance(item, str) for item in value):
        return None
    pattern = "|".join(_convert_to_expression(str(item)) for item in value)
    try:
        compile_regex(pattern)
    except COMPILE_ERRORS:
        return None
    return build_fix(f"write {pattern!r}", edits.replace_value(context.document, path, pattern))


def _convert_to_expression(entry: str) -> str:
    """A list's entry as part of an expression: a plain name is a whole name or the end of one (PEFT
    0.21.2 tuners/tuners_utils.py, check_target_module_exists).
    """
    if re.fullmatch(r"[\w.-]+", entry):
        return rf"(.*\.)?{re.escape(entry)}"
    return entry
