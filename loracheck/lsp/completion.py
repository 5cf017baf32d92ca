"""What may stand at the cursor: keys, values, module names with their counts, model ids.

A mark is put in at the cursor and the text is read with it; where the mark comes out says what is
being typed, whatever the format.
"""

from __future__ import annotations

import os
import re
from typing import Any

from loracheck.config.field_table import get_lora_fields
from loracheck.documents import read
from loracheck.documents.model import DocumentError, Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.pipeline import build_contexts
from loracheck.type_checking import TYPE_CHECKING

from .comment_codes import complete_codes
from .cursor import find_spot_of_path
from .half_typed import ENDINGS, LARGEST
from .item import Item
from .module_choices import list_module_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.config.field_table import Field
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import RuleContext
    from loracheck.tools.core.setting import Setting

MARK = "loracheckcursor"
"""A word that no text has."""

MAX_ITEMS = 200
"""Items that are given at once."""

_WORD = re.compile(r"[\w./*-]*")
_QUOTES = ("'", '"')


class _CursorWord(NamedTuple):
    """What is being typed: the word's place, and where the mark came out."""

    start: int
    end: int
    quoted: bool
    suffix: str
    document: Document
    path: Path
    on_key: bool
    rest: str
    """What follows the word in its line."""


def complete(path: str, text: str, at: int, settings: LintSettings) -> list[Item]:
    """What may stand at an offset of a text, the likeliest first."""
    codes = complete_codes(text, at)
    if codes is not None:
        return codes
    cursor_word = _find_cursor_word(path, text, at)
    if cursor_word is None:
        return []
    contexts = build_contexts(cursor_word.document, settings)
    completions = next(
        (items for one in contexts if (items := list(_iterate_items(one, cursor_word)))), None
    )
    if (
        completions is None
        and os.path.basename(path) == "adapter_config.json"
        and cursor_word.on_key
    ):
        completions = list(_iterate_field_keys(cursor_word, set(), ""))
    return (completions or [])[:MAX_ITEMS]


def _find_cursor_word(path: str, text: str, at: int) -> _CursorWord | None:
    """Where the mark comes out; None where the text cannot be read with it."""
    line = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    start = at - len(_WORD.match(text[line:at][::-1])[0])  # type: ignore[index]  # may be empty
    end = at + len(_WORD.match(text, at)[0])  # type: ignore[index]
    is_quoted = text[start - 1 : start] in _QUOTES and start > line
    suffix = os.path.splitext(path)[1].lower()
    for candidate in _iterate_marked_texts(suffix, text, at):
        try:
            document = read(path, candidate)
        except DocumentError:
            continue
        for number, root in enumerate(document.roots):
            position = _find_mark(root, (number,))
            if position is not None:
                rest = re.match(r"[^\r\n]*", text[end:])
                after = rest[0] if rest else ""
                return _CursorWord(start, end, is_quoted, suffix, document, *position, after)
    return None


def _iterate_marked_texts(suffix: str, text: str, at: int) -> Iterator[str]:
    """The text with the mark in it, and with what it then may lack."""
    endings = ENDINGS.get(suffix, ()) if len(text) <= LARGEST else ()
    rests = [text[at:], *([text[at + 1 :]] if text[at : at + 1] in _QUOTES else [])]
    for rest in rests:
        for before in ("", '"') if suffix not in (".yaml", ".yml") else ("",):
            for ending in ("", *endings):
                yield f"{text[:at]}{before}{MARK}{ending}{rest}"


def _find_mark(value: Value, path: Path) -> tuple[Path, bool] | None:
    """The path of the value or key that has the mark, and whether it is a key."""
    if isinstance(value, str):
        return (path, False) if MARK in value else None
    if isinstance(value, Unknown):
        return (path, False) if MARK in value.text else None
    pairs: Any = enumerate(value) if isinstance(value, (list, tuple)) else ()
    if isinstance(value, dict):
        pairs = value.items()
    for step, item in pairs:
        if isinstance(step, str) and MARK in step:
            return (*path, step), True
        position = _find_mark(item, (*path, step))
        if position is not None:
            # An argument without a name, in a call: the name is being typed.
            is_name = position[0] == (*path, step) and isinstance(value, dict) and len(path) == 1
            return position[0], position[1] or (is_name and type(step) is int)
    return None


def _iterate_items(context: RuleContext, cursor_word: _CursorWord) -> Iterator[Item]:
    setting = context.setting
    if cursor_word.on_key:
        spot = find_spot_of_path(setting, cursor_word.path, True)
        if spot is not None and spot.field is not None and spot.entry is not None:
            yield from _iterate_module_items(context, cursor_word, spot.field)
        elif cursor_word.path[:-1] == setting.path:
            yield from _iterate_missing_keys(setting, cursor_word)
        return
    spot = find_spot_of_path(setting, cursor_word.path, False)
    if spot is None:
        return
    if spot.is_model:
        yield from _iterate_model_items(cursor_word)
    elif spot.field is not None:
        yield from _iterate_module_items(context, cursor_word, spot.field)
        yield from _iterate_values(get_lora_fields().get(spot.field), cursor_word)
    elif setting.tool is not None:
        key = setting.tool.key(spot.key)
        for word in (*key.choices, *key.methods) if key is not None else ():
            yield _build_value_item(word, cursor_word, f"of `{spot.key}`")


def _iterate_missing_keys(setting: Setting, cursor_word: _CursorWord) -> Iterator[Item]:
    """The keys of the setting's mapping that it does not have yet."""
    present = {str(key) for key in setting.mapping} | {str(p[-1]) for p in setting.places.values()}
    if setting.tool is None:
        yield from _iterate_field_keys(cursor_word, present, "")
        return
    for key in setting.tool.keys:
        if key.name not in present:
            field = get_lora_fields().get(key.field or key.like or "")
            detail = f"{setting.tool.title}: {key.field}" if key.field else setting.tool.title
            help_ = key.help or (field.help if field else "")
            yield Item(
                key.name,
                "key",
                _format_key(key.name, cursor_word),
                cursor_word.start,
                cursor_word.end,
                detail,
                help_,
            )


def _iterate_field_keys(cursor_word: _CursorWord, present: set[str], title: str) -> Iterator[Item]:
    for field in get_lora_fields().values():
        if field.name not in present and not field.internal:
            detail = f"{field.type.replace('|', ' or ')}, default {field.default!r}"
            text = _format_key(field.name, cursor_word)
            yield Item(
                field.name, "key", text, cursor_word.start, cursor_word.end, detail, field.help
            )


def _format_key(name: str, cursor_word: _CursorWord) -> str:
    """The key as it is put in, with what divides it from its value unless that is there."""
    divider = {".json": ": ", ".toml": " = ", ".py": "="}.get(cursor_word.suffix, ": ")
    rest = cursor_word.rest.lstrip("\"' ")
    if cursor_word.quoted or rest.startswith(divider.strip()):
        return name
    return f'"{name}"{divider}' if cursor_word.suffix == ".json" else f"{name}{divider}"


def _iterate_module_items(
    context: RuleContext, cursor_word: _CursorWord, field: str
) -> Iterator[Item]:
    if context.tree is None:
        return
    present = _collect_entry_names(context.setting.fields.get(field))
    for one in list_module_names(context.tree, field):
        if one.name in present:
            continue
        count = f"{one.modules:,} modules" if one.modules != 1 else "1 module"
        detail = f"{count}: {', '.join(one.kinds)}"
        yield Item(
            one.name,
            "module",
            _quote(one.name, cursor_word),
            cursor_word.start,
            cursor_word.end,
            detail,
            f"{one.parameters:,} parameters of {context.tree.cls}",
        )


def _collect_entry_names(value: Value) -> set[str]:
    """The names that a field has already."""
    if isinstance(value, (list, tuple, set, dict)):
        return {entry for entry in value if isinstance(entry, str)}
    return set()


def _iterate_values(field: Field | None, cursor_word: _CursorWord) -> Iterator[Item]:
    if field is None:
        return
    words: list[Any] = [*field.choices]
    words += [True, False] if "bool" in field.type.split("|") else []
    if field.name == "target_modules":
        words.append("all-linear")
    for word in dict.fromkeys(words):
        yield _build_value_item(word, cursor_word, f"of `{field.name}`")
    for word in field.examples:
        if isinstance(word, (int, float)) and word not in words:
            yield _build_value_item(word, cursor_word, "example")


def _build_value_item(word: Value, cursor_word: _CursorWord, detail: str) -> Item:
    text = (
        _quote(word, cursor_word)
        if isinstance(word, str)
        else _format_unquoted(word, cursor_word.suffix)
    )
    return Item(str(word), "value", text, cursor_word.start, cursor_word.end, detail)


def _format_unquoted(word: Value, suffix: str) -> str:
    if isinstance(word, bool) and suffix != ".py":
        return "true" if word else "false"
    return repr(word)


def _quote(word: str, cursor_word: _CursorWord) -> str:
    bare = cursor_word.quoted or cursor_word.suffix in (".yaml", ".yml", ".sh")
    return word if bare else f'"{word}"'


def _iterate_model_items(cursor_word: _CursorWord) -> Iterator[Item]:
    from loracheck.trees.model_search import describe_id, search_models

    value: Any = cursor_word.document.roots
    for step in cursor_word.path:
        value = value[step]
    text = value.text if isinstance(value, Unknown) else str(value)
    word = text.partition(MARK)[0].strip("\"'")
    for row in search_models(re.sub(r"[\s/_-]+", " ", word)):
        detail = ", ".join(describe_id(row)[:2])
        yield Item(
            row.id, "model", _quote(row.id, cursor_word), cursor_word.start, cursor_word.end, detail
        )
