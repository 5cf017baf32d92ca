"""One pass over the folder."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.results import FileResult
from loracheck.rules import list_all_rules
from loracheck.trees.sources.request import TreeOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Finding


class CorpusFile(NamedTuple):
    """One file of the index and what came of it."""

    path: str
    framework: str
    outcome: FileResult


class Tally(NamedTuple):
    """Counts for one tool."""

    files: int
    settings: int
    judged: int
    other_dialect: int


def check_corpus(folder: Path, configs: Path | None, only: str = "") -> Iterator[CorpusFile]:
    """Check every file of the index below `folder`; models that are not bundled come from
    `configs`, a folder with an index.json of hub ids and config.json files.
    """
    job = LintSettings(frozenset(rule.code for rule in list_all_rules()), trees=TreeOptions())
    models = _load_models(configs)
    for entry in json.loads((folder / "index.json").read_text("utf-8")):
        if only not in entry["path"]:
            continue
        path = str(folder / entry["path"])
        outcome = check_file(path, entry["path"], job)
        named = {one.model for one in outcome.settings if not one.judged and one.model}
        if len(named) == 1 and (model := models.get(named.pop())):
            outcome = check_file(path, entry["path"], job._replace(model=model))
        yield CorpusFile(entry["path"], entry["framework"], outcome)


def _load_models(configs: Path | None) -> dict[str, str]:
    if configs is None or not configs.is_dir():
        return {}
    rows = json.loads((configs / "index.json").read_text("utf-8"))
    return {row["hub_id"]: str(configs / row["file"]) for row in rows if "@" not in row["hub_id"]}


def count_by_tool(files: list[CorpusFile]) -> dict[str, Tally]:
    """Counts by tool."""
    found = {}
    for tool in sorted({file.framework for file in files}):
        own = [file.outcome.settings for file in files if file.framework == tool]
        found[tool] = Tally(
            len(own),
            sum(bool(several) for several in own),
            sum(any(one.judged for one in several) for several in own),
            sum(any(one.dialect != tool for one in several) for several in own),
        )
    return found


def group_findings(
    files: list[CorpusFile], severities: tuple[str, ...]
) -> dict[str, list[Finding]]:
    """Findings by rule, in the order of the files."""
    found: dict[str, list[Finding]] = {}
    for file in files:
        for one in file.outcome.findings:
            if one.severity in severities:
                found.setdefault(one.code, []).append(one)
    return dict(sorted(found.items()))


def count_notes(files: list[CorpusFile]) -> Counter[str]:
    """How many notes each rule gives."""
    return Counter(
        one.code for file in files for one in file.outcome.findings if one.severity == "note"
    )


def load_reviewed() -> set[tuple[str, str]]:
    """Path and code of the findings that were shown to be true."""
    rows = json.loads((Path(__file__).parent / "reviewed.json").read_text("utf-8"))
    return {(row["path"], row["code"]) for row in rows if row["verdict"] == "true"}
