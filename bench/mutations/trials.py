"""Every slip in every file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from loracheck.documents.model import DocumentError
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file, read_contexts
from loracheck.rules import list_all_rules
from loracheck.trees.sources.request import TreeOptions

from .accepted_slips import is_accepted
from .setting_text import SettingText
from .slips import ALL_SLIPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.results import FileResult
    from loracheck.rules import RuleContext

SUFFIXES = (".json", ".yaml", ".yml", ".toml", ".py", ".ipynb", ".sh")


class Trial(NamedTuple):
    """One slip in one file. `line` is the first line that it changed, `found` the codes that are
    new, `noted` whether notes alone are.
    """

    slip: str
    dialect: str
    path: str
    line: str
    found: tuple[str, ...]
    noted: bool


def list_files(folder: Path, only: str = "") -> list[Path]:
    """The files below a folder that may be configs."""
    every = (path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES)
    inner = (path for path in every if path.is_file() and path != folder / "index.json")
    return [path for path in inner if only in str(path)]


def load_models(configs: Path | None) -> dict[str, str]:
    """Hub ids and their config.json, of a folder with an index."""
    if configs is None or not configs.is_dir():
        return {}
    rows = json.loads((configs / "index.json").read_text("utf-8"))
    return {row["hub_id"]: str(configs / row["file"]) for row in rows if "@" not in row["hub_id"]}


def try_slips(path: Path, shown: str, known: dict[str, str], slip: str = "") -> Iterator[Trial]:
    """Every slip in the first setting of one file; nothing for a file that has none."""
    job = LintSettings(frozenset(rule.code for rule in list_all_rules()), trees=TreeOptions())
    try:
        found = read_contexts(str(path), job)
        if not found:
            return
        named = known.get(str(found[0].setting.model))
        if found[0].tree is None and named:
            job = job._replace(model=named)
            found = read_contexts(str(path), job)
    except (DocumentError, OSError):
        return
    clean = check_file(str(path), shown, job)
    for one in ALL_SLIPS:
        if slip in one.name:
            yield from _try_slip(one.name, found[0], path, shown, job, clean)


def _try_slip(
    name: str, context: RuleContext, path: Path, shown: str, job: LintSettings, clean: FileResult
) -> Iterator[Trial]:
    slip = next(slip for slip in ALL_SLIPS if slip.name == name)
    setting_text = SettingText(context.setting)
    tree = context.tree
    if is_accepted(name, setting_text) or (slip.on_model and tree is None):
        return
    for text in slip.make(setting_text, tree):
        if text is None or text == setting_text.source.text:
            continue
        outcome = check_file(str(path), shown, job, text.encode("utf-8"))
        changed = _first_changed_line(setting_text.source.text, text)
        loud, noted = _new_codes(clean, outcome, False), _new_codes(clean, outcome, True)
        yield Trial(name, context.setting.tool_name, shown, changed, loud or noted, not loud)


def _new_codes(clean: FileResult, slipped: FileResult, notes: bool) -> tuple[str, ...]:
    """Codes of the errors and warnings (of the notes) that the slip brought. That a model is not
    known (LC003) is no finding about the slip.
    """

    def count(outcome: FileResult) -> Counter[tuple[str, str]]:
        return Counter(
            (f.code, f.message)
            for f in outcome.findings
            if (f.severity == "note") is notes and f.code != "LC003"
        )

    return tuple(sorted({code for code, _ in count(slipped) - count(clean)}))


def _first_changed_line(old: str, new: str) -> str:
    """The first line that differs."""
    before, after = old.splitlines(), new.splitlines()
    for one, other in zip(before, after, strict=False):
        if one != other:
            return other.strip()
    return after[-1].strip() if after else ""
