"""Adds the modules of a line of the tree to the config's targets, or takes them out."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from .tree_lines import TreeLine
    from .view import View


def toggle_line(view: View, line: TreeLine) -> list[str] | None:
    """target_modules after what is below a line is added, or taken out where all of it is adapted.

    Names are the last parts of module names, as the list of targets usually has them. An expression
    or a keyword becomes the list of names that it reaches. None where nothing below can be adapted.
    """
    names = _names_below(view, line)
    if not names:
        return None
    old = view.context.value("target_modules")
    now = (
        [str(name) for name in old] if isinstance(old, (list, tuple)) else _list_reached_names(view)
    )
    if all(name in now for name in names):
        return [name for name in now if name not in names]
    return [*now, *(name for name in names if name not in now)]


def _names_below(view: View, line: TreeLine) -> list[str]:
    """Last names of what a line and the lines below it have for LoRA, the head left out unless it
    is the line itself.
    """
    if line.parameter is not None:
        return []
    if line.wrappable:
        return [_get_last_part(line.template)]
    start = view.lines.index(line)
    below = view.lines[start : line.end]
    return list(dict.fromkeys(_get_last_part(one.template) for one in below if one.linear))


def _list_reached_names(view: View) -> list[str]:
    plan = view.plan
    wrapped = plan.wrapped if plan is not None else ()
    return list(
        dict.fromkeys(_get_last_part(w.group.template) for w in wrapped if w.parameter is None)
    )


def _get_last_part(template: str) -> str:
    """The last part of a name that is no index, with what follows it."""
    parts = template.split(".")
    at = max((n for n, part in enumerate(parts) if part != "*" and not part.isdecimal()), default=0)
    return ".".join(parts[at:]).replace("*", "0")
