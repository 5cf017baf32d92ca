"""A page for every dialect: what is known of the tool, its keys, and a file with what it means."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dev.newest_release import newest_release
from dev.tool_cases import read_cases
from loracheck import tools as package
from loracheck.config.field_table import get_lora_fields
from loracheck.documents import read
from loracheck.documents.model import Unknown
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.results import SettingResult
from loracheck.rules import list_all_rules
from loracheck.tools import find_settings
from loracheck.tools.core.build_index import list_all_tools
from loracheck.tools.core.key import UNSET, Key
from loracheck.tools.core.refusal import PROGRAM, Condition
from loracheck.tools.core.refusal_lookup import load_refusals
from loracheck.tools.core.setting import Setting
from loracheck.tools.core.tool import Summary, Tool

from .markdown import describe_type, first_sentence, inline_code, join_blocks, make_table
from .tools_known import list_key_maps

if TYPE_CHECKING:
    from loracheck.documents.model import Document

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
"""Files as people usually write them, `<dialect>.<suffix>`."""

LANGUAGES = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".py": "python",
    ".json": "json",
    ".toml": "toml",
    ".sh": "sh",
}
_INSIDE = re.compile(r"\s*[^.]*\bstands? in \w+\.py\.")
"""Sentences that lead a reader of the code to another file of it."""

GOLDEN = Path(__file__).parents[2] / "tests" / "tools" / "golden"
"""The tools' own answers, `<dialect>.json`, which the tests hold the dialects against."""

UNKNOWN_KEYS = {
    "raises": "A key that it does not know is refused.",
    "drops": "A key that it does not know is dropped without a word.",
}


PEFT_FORMS = {
    "peft-adapter": Summary(
        files="adapter_config.json",
        known_by="`peft_type`",
        unknown="warns and drops",
    ),
    "peft-python": Summary(
        files=".py, .ipynb",
        known_by="`LoraConfig(...)`, `get_peft_config({...})`",
        unknown="TypeError",
    ),
    "generic": Summary(
        files="JSON, YAML, TOML",
        known_by="a mapping with `r`, `lora_alpha`, `target_modules`, ... anywhere; else a "
        "script's own `lora_r`, of which only values are judged",
    ),
}
"""The forms that are no tool's own."""


def make_pages() -> dict[str, str]:
    """Path below docs/ and text of every page."""
    rows = list_summaries()
    return {
        f"dialects/{name}.md": _make_page(name, rows.get(name)) for name in list_tools_with_page()
    }


@cache
def list_tools_with_page() -> tuple[str, ...]:
    """The dialects that have a page: those of which the tests have files."""
    return tuple(sorted({found.tool for found in read_cases()} - {"none"}))


def list_summaries() -> dict[str, Summary]:
    """Dialect -> its row in the table of all: PEFT's own forms, then the tools by name."""
    found = {
        tool.name: tool.summary for tool in sorted(list_all_tools(), key=lambda tool: tool.name)
    }
    return {**PEFT_FORMS, **{name: summary for name, summary in found.items() if summary}}


def make_overview() -> str:
    """The table of all dialects."""
    pages = list_tools_with_page()
    rows = [
        (
            f"[`{name}`](dialects/{name}.md)" if name in pages else f"`{name}`",
            row.files,
            row.known_by,
            row.does,
            _unknown_keys_text(name, row),
        )
        for name, row in list_summaries().items()
    ]
    head = ("Dialect", "Files", "Known by", "What the tool does by itself", "Unknown keys")
    return make_table(head, rows)


def _unknown_keys_text(name: str, row: Summary) -> str:
    """What becomes of unknown keys, in a word or two."""
    if row.unknown is not None:
        return row.unknown
    effect = next((tool.unknown for tool in list_key_maps() if tool.name == name), None)
    return {"raises": "refuses", "drops": "drops", None: ""}[effect]


def _make_page(name: str, row: Summary | None) -> str:
    own = [tool for tool in list_key_maps() if tool.name == name]
    title = own[0].title.partition(" (")[0] if own else name
    blocks = [f"# {title}" if title == name else f"# {name}: {title}"]
    blocks += [
        _module_note(name),
        "\n".join(_fact_lines(name, row)) if row is not None else "",
    ]
    blocks += [f"{tool.own_lora[0].upper()}{tool.own_lora[1:]}." for tool in own if tool.own_lora]
    blocks.append(_golden_note(name))
    example = _find_example(name)
    blocks += _example_lines(example) if example else []
    for tool in own:
        blocks += list(_key_lines(tool))
    blocks += list(_refusal_lines(name))
    codes = ("LC701", "LC702") if own else ()
    rules = [
        rule
        for rule in list_all_rules()
        if rule.code in codes or (rule.code.startswith("LC7") and title in rule.page)
    ]
    if rules:
        blocks.append("## Rules about it")
        blocks.append(
            "\n".join(f"- [{r.code} {r.name}](../rules/{r.code}.md): {r.summary}" for r in rules)
        )
    return join_blocks(*blocks, "[All dialects](../dialects.md)")


def _fact_lines(name: str, row: Summary) -> Iterator[str]:
    yield f"- **files**: {row.files}"
    yield f"- **known by**: {row.known_by}"
    if row.does:
        yield f"- **what the tool does by itself**: {row.does}"
    unknown = _unknown_keys_text(name, row)
    if unknown:
        yield f"- **unknown keys**: {unknown}"


def load_golden() -> dict[str, dict[str, Any]]:
    """Dialect -> what the tool itself said: its release, and the files that it was given."""
    files = sorted(GOLDEN.glob("*.json"))
    return {path.stem: json.loads(path.read_text("utf-8")) for path in files}


def _golden_note(name: str) -> str:
    found = load_golden().get(name)
    if found is None:
        return ""
    return (
        f"Held against {found['tool']} {found['version']} itself: of {len(found['cases'])} files "
        "it makes the config that loracheck reads, or refuses what loracheck reports."
    )


def _module_note(name: str) -> str:
    """What the dialect's module says of the tool."""
    file = Path(package.__path__[0]) / f"{name.replace('-', '_')}.py"
    if not file.exists():
        return ""
    text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    return _INSIDE.sub("", text)


class Example(NamedTuple):
    """A file that a page shows."""

    name: str
    text: str


def _find_example(name: str) -> Example | None:
    """The usual file; of a dialect that has none yet, the first file of its tests."""
    usual = sorted(EXAMPLES.glob(f"{name}.*"))
    found = [Example(path.name, path.read_text("utf-8")) for path in usual]
    found += [Example(case.file, case.text) for case in read_cases() if case.tool == name]
    return next((one for one in found if _language(one) and find_settings(_read(one))), None)


def _language(example: Example) -> str:
    return LANGUAGES.get(Path(example.name).suffix, "")


def _read(example: Example) -> Document:
    return read(example.name, example.text)


def _example_lines(example: Example) -> Iterator[str]:
    found = find_settings(_read(example))
    yield "## Example"
    yield f"```{_language(example)}\n{example.text.strip()}\n```"
    yield "What is read from it:" if found[0].own_lora else "What PEFT is given:"
    for setting in found:
        yield f"```json\n{_setting_json(setting)}\n```"
    name = Path(example.name).name
    with newest_release():
        outcome = check_file(name, name, LintSettings(frozenset()), example.text.encode())
    yield from map(_verdict_text, outcome.settings)


def _verdict_text(judged: SettingResult) -> str:
    if judged.trainable_parameters is None or judged.total_parameters is None:
        return ""
    return (
        f"Held against {judged.model}: {judged.targeted_modules} modules are wrapped, "
        f"{judged.trainable_parameters:,} of {judged.total_parameters:,} parameters train."
    )


def _setting_json(setting: Setting) -> str:
    """The setting, one field a line."""
    model = {"base model": setting.model} if setting.model is not None else {}
    known = {name: value for name, value in setting.fields.items() if name in get_lora_fields()}
    known.pop("base_model_name_or_path", None)
    rows = (
        f"  {json.dumps(key)}: {_value_json(value)}" for key, value in {**model, **known}.items()
    )
    return "{\n" + ",\n".join(rows) + "\n}"


def _value_json(value: Any) -> str:
    return json.dumps(_to_plain(value), ensure_ascii=False)


def _to_plain(value: Any) -> Any:
    if isinstance(value, Unknown):
        return "(unknown)"
    if isinstance(value, dict):
        return {str(k): _to_plain(v) for k, v in value.items()}
    return [_to_plain(v) for v in value] if isinstance(value, (list, tuple, set)) else value


def _key_lines(tool: Tool) -> Iterator[str]:
    where = ".".join(tool.block)
    yield f"## Keys in `{where}`" if where else "## Keys"
    yield f"Read from {tool.source}. {UNKNOWN_KEYS[tool.unknown]}"
    yield make_table(
        ("Key", "Field", "Default", "Type", "Meaning"), [_key_row(key) for key in tool.keys]
    )


def _refusal_lines(name: str) -> Iterator[str]:
    """What the tool does not take together."""
    refusals = load_refusals(name)
    if not refusals:
        return
    yield "## What it refuses"
    yield (
        "Keys that the tool does not take together, as [LC714](../rules/LC714.md) reports them; "
        "what it passes over in silence is a warning."
    )
    rows = [
        (", ".join(map(_condition_text, one.when)), one.message, one.help, f"`{one.source}`")
        for one in refusals
    ]
    yield make_table(("Keys", "What it says", "Mend", "Read in"), rows)


def _condition_text(condition: Condition) -> str:
    key = " or ".join(f"`{name}`" for name in condition.key.split("|"))
    values = " or ".join(map(str, condition.values))
    if condition.key == PROGRAM:
        if values == "megatron" and condition.test == "is not":
            return "not started by megatron"
        return f"started by {values}" if condition.test == "is" else "in a file"
    match condition.test:
        case "on" | "given":
            return key
        case "off" | "missing":
            return f"no {key}"
        case "is":
            return f"{key} is {values}"
        case "is not":
            return f"{key} is not {values or 'empty'}"
        case "above":
            return f"{key} above {values}"
        case "at most":
            return f"{key} at most {values}"
        case "has":
            return f"{key} with {values}"
        case "lacks":
            return f"{key} without {values}"
        case "has match" | "entry matches":
            return f"{key} with an entry that matches {inline_code(values)}"
        case "matches":
            return f"{key} that matches {inline_code(values)}"


def _key_row(key: Key) -> tuple[str, ...]:
    field = get_lora_fields().get(key.field) if key.field else None
    type_ = key.type or (field.type if field else "")
    default = "" if key.default is UNSET else inline_code(key.default)
    link = f"[`{key.field}`](../fields.md#{key.field})" if key.field else ""
    meaning = key.help or first_sentence(field.help if field else "")
    return f"`{key.name}`", link, default, describe_type(type_), meaning
