"""Names and patterns that cannot work whatever the model is.

What depends on the model's modules is the plan's business. Source: PEFT 0.21.2
`tuners/tuners_utils.py`, `utils/other.py`; each was run.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .issue import Effect, Issue, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value

    from .release_values import ReleaseValues

Path = tuple[str | int, ...]
FRAMES = {
    "modules_to_save": r"(^|.*\.){}($|\..*)",
    "rank_pattern": r"(.*\.)?({})$",
    "alpha_pattern": r"(.*\.)?({})$",
    "layers_pattern": r"(?:^|.*?\.){}\.(?P<idx>\d+)\.",
}
"""What PEFT puts around a user's expression before it compiles it; others stand as they are. In the
middle of one a `(?i)` is refused, and `a)(b` is fine.
"""

ALL_LINEAR = "0.8"
"""The first minor release whose wheel has the shorthand (0.7.1 has not, 0.8.2 has)."""
DUMMY = "dummy-target-modules"
"""PEFT's internal stand-in for "no module" (tuners_utils.py)."""


def list_entries(value: Value) -> list[Value]:
    """The entries of a list, tuple or set; none of any other value."""
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else []


def build_entry_path(name: str, value: Value, index: int) -> Path:
    """Path of an entry; a set has no order that a file would share."""
    return (name, index) if isinstance(value, (list, tuple)) else (name,)


def find_target_module_issues(view: ReleaseValues) -> Iterator[Issue]:
    """Nothing targeted, all-linear in a list, PEFT's dummy, an invalid expression."""
    value = view.get("target_modules")
    empty = isinstance(value, (str, list, tuple, set, frozenset)) and not value
    if empty and not view.has_unknown("target_parameters") and not view.is_on("target_parameters"):
        yield Issue(
            "conflict",
            "no-targets",
            ("target_modules",),
            "`target_modules` is empty and there are no `target_parameters`; finding the target "
            "modules raises ValueError",
            "name the modules, or write 'all-linear'",
            None,
            "fails",
        )
    if value == DUMMY:
        yield Issue(
            "bad-choice",
            "dummy-target-modules",
            ("target_modules",),
            f"{format_value(DUMMY)} is PEFT's own stand-in for no module: nothing is adapted, and "
            "PEFT says nothing",
            "name the modules, or write 'all-linear'",
        )
    if isinstance(value, str):
        yield from _find_regex_issues("target_modules", value)
        yield from _list_in_quotes(value, view)
    yield from _find_all_linear_issues(value, view)


_NAME_MARKS = frozenset("_.-/")


def _list_in_quotes(value: str, view: ReleaseValues) -> Iterator[Issue]:
    """A list that a shell or a form turned into one string: "[q_proj,v_proj]", "q_proj,v_proj".

    As a regular expression the first is a set of single letters, the second a name with a comma.
    """
    inner = value.strip()
    has_brackets = inner.startswith("[") and inner.endswith("]")
    names = [part.strip().strip("'\"") for part in inner.strip("[]").split(",")]
    plain = all(name and all(c.isalnum() or c in _NAME_MARKS for c in name) for name in names)
    letters = has_brackets and len(names[0]) > 1 and "-" not in inner
    if not plain or not (len(names) > 1 or letters):
        return
    effect: Effect = "silent" if view.is_on("target_parameters") else "fails"
    yield Issue(
        "wrong-type",
        "list-in-quotes",
        ("target_modules",),
        f"`target_modules` is the string {format_value(value)}, which PEFT takes for one regular "
        "expression and not for a list; no module is found",
        f"write a list: {format_value(names)}",
        names,
        effect,
    )


def _find_all_linear_issues(value: Value, view: ReleaseValues) -> Iterator[Issue]:
    if value == "all-linear" and not view.is_at_least(ALL_LINEAR):
        yield Issue(
            "bad-choice",
            "all-linear-too-new",
            ("target_modules",),
            f"'all-linear' came with PEFT {ALL_LINEAR}.0; the release asked for takes it for the "
            "name of a module and raises ValueError, for no model has it",
            f"name the modules, or use PEFT {ALL_LINEAR}.0 or newer",
            None,
            "fails",
        )
    entries = list_entries(value)
    if "all-linear" not in entries:
        return
    alone = len(entries) == 1 and not view.has_unknown("target_parameters")
    effect: Effect = "fails" if alone and not view.is_on("target_parameters") else "silent"
    does = (
        "no module is found, which raises ValueError" if effect == "fails" else "PEFT says nothing"
    )
    yield Issue(
        "bad-choice",
        "all-linear-in-list",
        build_entry_path("target_modules", value, entries.index("all-linear")),
        f"'all-linear' inside a list is an ordinary name that no module has; {does}",
        "write target_modules as the string 'all-linear', not as a list",
        "all-linear" if alone else None,
        effect,
    )


_ENDINGS = compile_when_used(r"\.\*(?:\\\.)?(?:\(([\w|]+)\)|(\w+))\$?")
"""An expression for all names that end so: `.*q_proj`, `.*\\.(q_proj|v_proj)`."""


def _list_excluded_names(left_out: Value) -> set[object]:
    """The names that exclude_modules takes out wherever they stand."""
    match = _ENDINGS.fullmatch(left_out) if isinstance(left_out, str) else None
    return set((match[1] or match[2]).split("|")) if match else set(list_entries(left_out))


def _find_excluded_target_issues(view: ReleaseValues) -> Iterator[Issue]:
    """Every target is also excluded: the same names in both lists, or the same expression."""
    targets, left_out = view.get("target_modules"), view.get("exclude_modules")
    if isinstance(targets, str):
        both = targets == left_out and targets.lower() != "all-linear"
    else:
        names = list_entries(targets)
        plain = all(isinstance(name, str) for name in [*names, *list_entries(left_out)])
        both = bool(names) and plain and set(names) <= _list_excluded_names(left_out)
    if both and view.is_at_least("0.14") and not view.is_on("target_parameters"):
        yield Issue(
            "conflict",
            "every-target-excluded",
            ("exclude_modules",),
            "`exclude_modules` takes out every module that `target_modules` names; get_peft_model "
            "raises ValueError (All modules were excluded)",
            "take the names out of one of the two",
            None,
            "fails",
        )


def find_exclude_module_issues(view: ReleaseValues) -> Iterator[Issue]:
    """An invalid expression."""
    yield from _find_excluded_target_issues(view)
    value = view.get("exclude_modules")
    if isinstance(value, str) and value:
        yield from _find_regex_issues("exclude_modules", value)


def find_modules_to_save_issues(view: ReleaseValues) -> Iterator[Issue]:
    """The empty string ends every name; entries are used as expressions too."""
    value = view.get("modules_to_save")
    for index, entry in enumerate(list_entries(value)):
        if entry == "":
            yield Issue(
                "out-of-range",
                "modules-to-save-empty-name",
                build_entry_path("modules_to_save", value, index),
                "`modules_to_save` holds an empty string, which every module's name ends with; "
                "PEFT would copy the whole model and raises TypeError",
                "remove the empty entry",
                None,
                "fails",
            )
        elif isinstance(entry, str):
            path = build_entry_path("modules_to_save", value, index)
            yield from _find_regex_issues("modules_to_save", entry, path)


def find_rank_pattern_issues(view: ReleaseValues) -> Iterator[Issue]:
    """Keys of rank_pattern that are no valid expressions."""
    return _find_pattern_key_issues("rank_pattern", view)


def find_alpha_pattern_issues(view: ReleaseValues) -> Iterator[Issue]:
    """Keys of alpha_pattern that are no valid expressions."""
    return _find_pattern_key_issues("alpha_pattern", view)


def _find_pattern_key_issues(name: str, view: ReleaseValues) -> Iterator[Issue]:
    value = view.get(name)
    if isinstance(value, dict):
        for key in value:
            if isinstance(key, str):
                yield from _find_regex_issues(name, key, (name, key))


def find_regex_error(name: str, text: str) -> str | None:
    """Why PEFT cannot compile the expression in this field; None where it can, and for one that is
    too long to try.
    """
    if text.replace("_", "").replace(".", "").replace("-", "").isalnum():
        return None
    from loracheck.documents.regexes import COMPILE_ERRORS, LONGEST, compile_regex

    if len(text) > LONGEST:
        return None
    try:
        compile_regex(FRAMES.get(name, "{}").replace("{}", text))
    except COMPILE_ERRORS as error:
        return str(error)
    return None


def _find_regex_issues(name: str, text: str, path: Path | None = None) -> Iterator[Issue]:
    """One issue for text that PEFT would compile and cannot."""
    error = find_regex_error(name, text)
    if error is not None:
        yield Issue(
            "bad-choice",
            "invalid-regex",
            path or (name,),
            f"`{name}` holds {format_value(text)}, which is no valid regular expression ({error}); "
            "finding the modules raises re.error",
            "mend the expression",
            None,
            "fails",
        )
