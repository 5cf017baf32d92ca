"""A LoraConfig field's page: what it means, what it takes, what is usual, how it acts on others."""

from __future__ import annotations

import re

from loracheck.config import field_table
from loracheck.explain.text.bars import draw_bar
from loracheck.explain.text.style import TextStyle
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules import list_all_rules
from loracheck.type_checking import TYPE_CHECKING

from .interplay import INTERPLAY
from .tool_key_index import find_spellings
from .usage import find_usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.config.field_table import Field
    from loracheck.documents.values import Value
    from loracheck.rules import Rule

_EXAMPLE = compile_when_used(r"```.*?```", re.DOTALL)


def find_field(topic: str) -> Field | None:
    """The field with that name, or None.

    A known other spelling (`lora_rank`), a path into a sub-config (`eva_config.rho`), and a name
    that only one sub-config has are accepted. Similar names are not: fields with similar names
    mean different things.
    """
    parent, dot, name = topic.strip().rpartition(".")
    if dot:
        outer = field_table.get_lora_fields().get(field_table.find_field_by_spelling(parent) or "")
        return (
            field_table.get_sub_config_fields(outer.config).get(name)
            if outer and outer.config
            else None
        )
    spelling = field_table.find_field_by_spelling(name)
    if spelling:
        return field_table.get_lora_fields()[spelling]
    inner = [
        field_table.get_sub_config_fields(config)[name]
        for config in field_table.list_sub_configs()
        if name in field_table.get_sub_config_fields(config)
    ]
    return inner[0] if len(inner) == 1 else None


def format_dotted_path(field: Field) -> str:
    """How the field is written from the top of a config: `eva_config.rho`."""
    outer = next(
        (one.name for one in field_table.get_lora_fields().values() if one.config == field.owner),
        None,
    )
    return f"{outer}.{field.name}" if outer else field.name


def find_rules(field: Field) -> list[Rule]:
    """Rules whose page speaks of the field, examples aside."""
    if field.owner != "LoraConfig":
        return []  # their names are too common for words of a page to mean them
    # A name without an underscore is a word of English too.
    name = rf"\b{field.name}\b" if "_" in field.name else f"`{field.name}`"
    spoken = re.compile(name)
    return [rule for rule in list_all_rules() if spoken.search(_EXAMPLE.sub("", rule.page))]


def render_field(field: Field, style: TextStyle | None = None) -> str:
    """The page as text."""
    style = style or TextStyle()
    return "\n".join(_format_lines(field, style))


def _format_lines(field: Field, style: TextStyle) -> Iterator[str]:
    head = (
        f"{format_dotted_path(field)}: {field.type.replace('|', ' or ')}, default {field.default!r}"
    )
    yield from (style.paint.bold(line) for line in style.wrap(head, "  ", ""))
    yield ""
    yield from style.wrap(field.help)
    yield ""
    yield from style.wrap(f"in PEFT since {field.since}; PEFT's annotation: {field.peft}", "  ", "")
    if field.choices:
        yield from style.wrap("values: " + ", ".join(map(str, field.choices)), "  ", "")
    if field.typical:
        text = f"usual: {field.typical.text} ({field.typical.source})"
        yield from style.wrap(text, "  ", "")
    if field.examples:
        yield from style.wrap("examples: " + ", ".join(map(repr, field.examples)), "  ", "")
    if field.source:
        yield from style.wrap(f"source: {field.source}", "  ", "")
    if field.owner != "LoraConfig":
        return  # what follows speaks of LoraConfig's own fields
    yield from _format_sub_config_lines(field, style)
    yield from _format_usage_lines(field, style)
    yield from _format_interplay_lines(field, style)
    yield from _format_tool_lines(field, style)
    yield from _format_rule_lines(field, style)


def _format_sub_config_lines(field: Field, style: TextStyle) -> Iterator[str]:
    """The fields of a sub-config."""
    inner = field_table.get_sub_config_fields(field.config or "")
    if inner:
        yield ""
        yield style.title(f"Inside it ({field.config})")
    for one in inner.values():
        text = f"{one.type.replace('|', ' or ')}, default {one.default!r}. {one.help}"
        yield from style.wrap(text, "      ", f"  {one.name}: ")


def render_all_fields(style: TextStyle | None = None) -> str:
    """All fields of LoraConfig, a line each."""
    style = style or TextStyle()
    lines = [style.paint.bold("LoraConfig"), ""]
    width = max(map(len, field_table.get_lora_fields())) + 2
    for one in field_table.get_lora_fields().values():
        first = one.help.partition(". ")[0].rstrip(".")
        lines += style.wrap(first, " " * (width + 2), f"  {one.name:<{width}}")
    more = "`loracheck explain FIELD` says what each takes, what is usual, and how tools spell it."
    return "\n".join([*lines, "", *style.wrap(more)])


def _format_usage_lines(field: Field, style: TextStyle) -> Iterator[str]:
    usage = find_usage(field.name)
    if usage is None or not usage.values:
        return
    yield ""
    yield style.title("In real configs")
    yield f"  {usage.repositories} of {usage.of} public repositories set it; by repositories:"
    width = min(max(len(value) for value, _ in usage.values), style.width - 32)
    most = max(number for _, number in usage.values)
    for value, number in usage.values:
        text = value if len(value) <= width else value[: width - 2] + ".."
        yield f"    {text:<{width}} {draw_bar(number / most, 20, style).rstrip('·.')} {number}"
    if usage.others:
        yield f"    {usage.others} more with other values"


def _format_interplay_lines(field: Field, style: TextStyle) -> Iterator[str]:
    if field.name in INTERPLAY:
        yield ""
        yield style.title("With other fields")
    for text in INTERPLAY.get(field.name, ()):
        yield from style.wrap(text, "    ", "  - ")


def _format_tool_lines(field: Field, style: TextStyle) -> Iterator[str]:
    spellings = find_spellings(field.name)
    if not spellings:
        return
    yield ""
    yield style.title("In the tools' own files, with what they use where it is left out")
    width = max(len(one.tool) for one in spellings)
    keys = max(len(one.key) for one in spellings)
    for one in spellings:
        default = one.rule or (repr(one.default) if one.passed else "PEFT's default")
        room = style.width - width - keys - 6
        if len(default) > room:
            default = default[: max(room - 2, 8)] + ".."
        yield f"  {one.tool:<{width}}  {one.key:<{keys}}  {default}"


def _format_rule_lines(field: Field, style: TextStyle) -> Iterator[str]:
    rules = find_rules(field)
    if rules:
        yield ""
        yield style.title("Rules about it")
    for rule in rules:
        yield from style.wrap(f"{rule.name}: {rule.summary}", "        ", f"  {rule.code} ")


def build_field_dict(field: Field) -> dict[str, Value]:
    """The page as data, for JSON."""
    is_lora_field = field.owner == "LoraConfig"
    typical, used = field.typical, find_usage(field.name) if is_lora_field else None
    return {
        "name": format_dotted_path(field),
        "type": field.type,
        "default": field.default,
        "since": field.since,
        "annotation": field.peft,
        "help": field.help,
        "choices": list(field.choices),
        "examples": list(field.examples),
        "typical": typical._asdict() if typical else None,
        "source": field.source,
        "usage": used._asdict() if used else None,
        "interplay": list(INTERPLAY.get(field.name, ())) if is_lora_field else [],
        "tools": [one._asdict() for one in find_spellings(field.name)] if is_lora_field else [],
        "inside": list(field_table.get_sub_config_fields(field.config or "")),
        "rules": [rule.code for rule in find_rules(field)],
    }
