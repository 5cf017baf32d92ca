"""A page for every dialect: what is known of the tool, its keys, and a file with what it means."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dev.newest_release import newest_release
from loracheck import tools as package
from loracheck.config.field_table import fields
from loracheck.documents import read
from loracheck.documents.model import Unknown
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.results import SettingResult
from loracheck.rules import catalogue
from loracheck.tools import find_settings
from loracheck.tools.core.setting import Setting
from loracheck.tools.core.tool import UNSET, Key, Tool

from .text import code, first_sentence, kind, page, table
from .tools_known import tools

CASES = Path(__file__).parents[2] / "tests" / "tools" / "cases"
"""Folders by dialect: small files, whose meaning the tests hold fast."""

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

GOLDEN = CASES.parent / "golden"
"""The tools' own answers, `<dialect>.json`, which the tests hold the dialects against."""

UNKNOWN_KEYS = {
    "raises": "A key that it does not know is refused.",
    "drops": "A key that it does not know is dropped without a word.",
}


def pages(table_file: Path) -> dict[str, str]:
    """Path below docs/ and text of every page; `table_file` has the table of all dialects."""
    rows = _overview(table_file.read_text("utf-8"))
    return {f"dialects/{name}.md": _page(name, rows.get(name, {})) for name in page_names()}


def page_names() -> list[str]:
    """The dialects that have a page: those of which the tests have files."""
    return sorted(p.name for p in CASES.iterdir() if p.is_dir() and p.name != "none")


def _overview(text: str) -> dict[str, dict[str, str]]:
    """Dialect -> the cells of its row in the hand-written table, by heading."""
    found: dict[str, dict[str, str]] = {}
    lines = [line for line in text.splitlines() if line.startswith("|")]
    head = _cells(lines[0]) if lines else []
    for line in lines[2:]:
        cells = _cells(line)
        if len(cells) == len(head):
            for name in re.findall(r"`([\w-]+)`", cells[0]):
                found[name] = dict(zip(head[1:], cells[1:], strict=True))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _page(name: str, row: dict[str, str]) -> str:
    own = [tool for tool in tools() if tool.name == name]
    title = own[0].title.partition(" (")[0] if own else name
    blocks = [f"# {title}" if title == name else f"# {name}: {title}"]
    blocks += [
        _about(name),
        "\n".join(f"- **{head.lower()}**: {text}" for head, text in row.items() if text),
    ]
    blocks += [f"{tool.own[0].upper()}{tool.own[1:]}." for tool in own if tool.own]
    blocks.append(_held(name))
    example = _example(name)
    blocks += _shown(example) if example else []
    for tool in own:
        blocks += list(_keys(tool))
    codes = ("LC701", "LC702") if own else ()
    rules = [
        rule
        for rule in catalogue()
        if rule.code in codes or (rule.code.startswith("LC7") and title in rule.page)
    ]
    if rules:
        blocks.append("## Rules about it")
        blocks.append(
            "\n".join(f"- [{r.code} {r.name}](../rules/{r.code}.md): {r.summary}" for r in rules)
        )
    return page(*blocks, "[All dialects](../dialects.md)")


def golden() -> dict[str, dict[str, Any]]:
    """Dialect -> what the tool itself said: its release, and the files that it was given."""
    files = sorted(GOLDEN.glob("*.json"))
    return {path.stem: json.loads(path.read_text("utf-8")) for path in files}


def _held(name: str) -> str:
    found = golden().get(name)
    if found is None:
        return ""
    return (
        f"Held against {found['tool']} {found['version']} itself: of {len(found['cases'])} files "
        "it makes the config that loracheck reads, or refuses what loracheck reports."
    )


def _about(name: str) -> str:
    """What the dialect's module says of the tool."""
    file = Path(package.__path__[0]) / f"{name.replace('-', '_')}.py"
    if not file.exists():
        return ""
    text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    return _INSIDE.sub("", text)


def _example(name: str) -> Path | None:
    """The usual file; of a dialect that has none yet, the first file of its tests."""
    cases = sorted(p for p in (CASES / name).rglob("*") if "expected" not in p.name)
    found = [*EXAMPLES.glob(f"{name}.*"), *cases]
    return next((p for p in found if p.suffix in LANGUAGES and find_settings(read(str(p)))), None)


def _shown(path: Path) -> Iterator[str]:
    found = find_settings(read(str(path)))
    yield "## Example"
    yield f"```{LANGUAGES[path.suffix]}\n{path.read_text('utf-8').strip()}\n```"
    yield "What is read from it:" if found[0].own_lora else "What PEFT is given:"
    for setting in found:
        yield f"```json\n{_json(setting)}\n```"
    with newest_release():
        outcome = check_file(path.name, path.name, LintSettings(frozenset()), path.read_bytes())
    yield from map(_verdict, outcome.settings)


def _verdict(judged: SettingResult) -> str:
    if judged.trainable_parameters is None or judged.total_parameters is None:
        return ""
    return (
        f"Held against {judged.model}: {judged.targeted_modules} modules are wrapped, "
        f"{judged.trainable_parameters:,} of {judged.total_parameters:,} parameters train."
    )


def _json(setting: Setting) -> str:
    """The setting, one field a line."""
    model = {"base model": setting.model} if setting.model is not None else {}
    known = {name: value for name, value in setting.fields.items() if name in fields()}
    known.pop("base_model_name_or_path", None)
    rows = (f"  {json.dumps(key)}: {_dumped(value)}" for key, value in {**model, **known}.items())
    return "{\n" + ",\n".join(rows) + "\n}"


def _dumped(value: Any) -> str:
    return json.dumps(_value(value), ensure_ascii=False)


def _value(value: Any) -> Any:
    if isinstance(value, Unknown):
        return "(unknown)"
    if isinstance(value, dict):
        return {str(k): _value(v) for k, v in value.items()}
    return [_value(v) for v in value] if isinstance(value, (list, tuple, set)) else value


def _keys(tool: Tool) -> Iterator[str]:
    where = ".".join(tool.block)
    yield f"## Keys in `{where}`" if where else "## Keys"
    yield f"Read from {tool.source}. {UNKNOWN_KEYS[tool.unknown]}"
    yield table(("Key", "Field", "Default", "Type", "Meaning"), [_key(key) for key in tool.keys])


def _key(key: Key) -> tuple[str, ...]:
    field = fields().get(key.field) if key.field else None
    type_ = key.type or (field.type if field else "")
    default = "" if key.default is UNSET else code(key.default)
    link = f"[`{key.field}`](../fields.md#{key.field})" if key.field else ""
    meaning = key.help or first_sentence(field.help if field else "")
    return f"`{key.name}`", link, default, kind(type_), meaning
