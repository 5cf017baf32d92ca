"""The page of LoraConfig's fields: what `loracheck explain FIELD` tells of each."""

from __future__ import annotations

from collections.abc import Iterator

from loracheck.config.field_table import (
    Field,
    get_alpha_ratio,
    get_lora_fields,
    get_removed_fields,
    get_sub_config_fields,
    list_sub_configs,
)
from loracheck.explain.field.interplay import INTERPLAY
from loracheck.explain.field.page import find_rules
from loracheck.explain.field.tool_key_index import FieldSpelling, find_spellings
from loracheck.explain.field.usage import find_usage
from loracheck.explain.links import link_citations

from .dialects import list_tools_with_page
from .markdown import describe_type, inline_code, join_blocks, make_table
from .tools_known import list_key_maps

INTRO = """\
Every field of PEFT 0.21.2's `LoraConfig`, and of the configs inside it.
`loracheck explain lora_alpha` shows one in the terminal; `loracheck schema adapter_config` prints
them as a JSON Schema for editors.

In types, `list[...]` takes tuples and sets as well and `bare[...]` a list alone; `config` is a
mapping with fields of its own, and `number` an integer or a fraction."""

EFFECTS = {
    "raises": "the config is refused when it is made",
    "fails": "the run stops once the model is loaded",
    "warns": "PEFT warns and goes on",
    "silent": "nothing is said",
}


def make_pages() -> dict[str, str]:
    """Path below docs/ and text of the page."""
    own = [field for field in get_lora_fields().values() if not field.base]
    base = [field for field in get_lora_fields().values() if field.base]
    usual = get_alpha_ratio()
    parts = [
        "# Fields",
        INTRO,
        make_table(("Field", "Type", "Default", "Since"), map(_field_row, [*own, *base])),
        f"Of `lora_alpha / r`, {usual.text} ({link_citations(usual.source)}).",
        "## LoraConfig",
        *(block for field in own for block in _field_blocks(field)),
        "## Inherited from PeftConfig",
        *(block for field in base for block in _field_blocks(field)),
        *_sub_config_lines(),
        *_removed_lines(),
    ]
    return {"fields.md": join_blocks(*parts)}


def _field_row(field: Field) -> tuple[str, ...]:
    return (
        f"[`{field.name}`](#{field.name})",
        describe_type(field.type),
        inline_code(field.default),
        field.since,
    )


def _field_blocks(field: Field) -> Iterator[str]:
    yield f"### {field.name}"
    yield field.help
    yield "\n".join(f"- {line}" for line in _fact_lines(field))
    if field.name in INTERPLAY:
        yield "With other fields:"
        yield "\n".join(f"- {text}" for text in INTERPLAY[field.name])
    names = find_spellings(field.name)
    if names:
        yield "In the tools' own files, and what they use where it is left out:"
        yield make_table(("Tool", "Key", "Left out"), map(_spelling_row, names))
    rules = find_rules(field)
    if rules:
        yield "Rules: " + ", ".join(f"[{r.code} {r.name}](rules/{r.code}.md)" for r in rules)


def _spelling_row(one: FieldSpelling) -> tuple[str, ...]:
    titles = {tool.title.partition(" (")[0]: tool.name for tool in list_key_maps()}
    name = titles.get(one.tool)
    link = f"[{one.tool}](dialects/{name}.md)" if name in list_tools_with_page() else one.tool
    return (
        link,
        f"`{one.key}`",
        one.rule or (inline_code(one.default) if one.passed else "PEFT's default"),
    )


def _fact_lines(field: Field) -> Iterator[str]:
    yield f"type: {describe_type(field.type)}; default: {inline_code(field.default)}"
    limits = [
        f"{words} {limit:g}"
        for words, limit in (
            ("at least", field.min),
            ("above", field.above),
            ("at most", field.max),
            ("below", field.below),
        )
        if limit is not None
    ]
    if limits:
        yield "range: " + ", ".join(limits)
    if field.choices:
        newer = field.newer or {}
        words = [
            inline_code(c) + (f" (since {newer[str(c)]})" if str(c) in newer else "")
            for c in field.choices
        ]
        yield "values: " + ", ".join(words)
    if field.typical:
        yield f"usual: {field.typical.text} ({link_citations(field.typical.source)})"
    found = find_usage(field.name)
    if found is not None and found.values:
        values = ", ".join(f"`{value}` ({number})" for value, number in found.values)
        yield f"in real configs: {found.repositories} of {found.of} repositories set it: {values}"
    if field.examples:
        yield "examples: " + ", ".join(map(inline_code, field.examples))
    yield f"another value: {EFFECTS.get(field.effect, field.effect)} ({field.outcome})"
    yield f"in PEFT since {field.since}, there annotated as `{field.peft}`"
    if field.source:
        yield f"source: {link_citations(field.source)}"


def _sub_config_lines() -> Iterator[str]:
    for config in list_sub_configs():
        holder = [field.name for field in get_lora_fields().values() if field.config == config]
        yield f"## {config}"
        if holder:
            yield "Stands in " + ", ".join(f"[`{name}`](#{name})" for name in holder) + "."
        rows = [
            (f"`{f.name}`", describe_type(f.type), inline_code(f.default), f.since, f.help)
            for f in get_sub_config_fields(config).values()
        ]
        yield make_table(("Field", "Type", "Default", "Since", "Meaning"), rows)


def _removed_lines() -> Iterator[str]:
    yield "## Fields that PEFT once had"
    rows = [
        (f"`{name}`", describe_type(row["type"]), row["since"], row["removed"])
        for name, row in get_removed_fields().items()
    ]
    yield make_table(("Field", "Type", "Since", "Removed in"), rows)
