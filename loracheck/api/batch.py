"""`batch`: many configs at once, from records to rows, on any machine.

A record is a mapping with `text` (a config's text or bytes) and, where that is not an
adapter_config.json, `path` (its name, whose suffix tells the format); `id` comes back in the row.
A pure function of its arguments and this release: no file, folder, settings, cache or installed
library of the machine counts, whatever a record names, so that each worker of a cluster says the
same. It can be pickled, keeps nothing but bounded caches, and raises nothing for a record.
"""

from __future__ import annotations

import os
from functools import lru_cache

from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import check_file
from loracheck.releases.release_table import get_newest_release
from loracheck.type_checking import TYPE_CHECKING

from .config_source import ADAPTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from loracheck.findings import Finding
    from loracheck.options.lint_settings import LintSettings
    from loracheck.results import FileResult, SettingResult

COLUMNS = ("id", "path", "reason", "findings", "settings")
"""The keys of a row. `reason` says why a record could not be read, None where it was; `findings`
and `settings` are lists of mappings, all with the same keys.
"""

LEFT_OUT = frozenset({"path", "line", "transformers_from", "peft_from", "release_notes"})
"""What a setting's row does not repeat: it is the same for all of a call, or needs a file."""


def batch(
    records: Iterable[Mapping[str, Any]] | Mapping[str, Sequence[Any]],
    *,
    model: str | None = None,
    peft: str | None = None,
    transformers: str | None = None,
    serve: Iterable[str] | str = (),
    select: Iterable[str] | str | None = None,
) -> Any:
    """A row for each record, in their order: `COLUMNS` says what is in it.

    Given columns (a mapping from "text", "path" and "id" to sequences of one length, as Ray Data
    has batches) it gives columns. `model` is the id of a known model to judge by instead of the
    configs' own; `peft` and `transformers` are the releases to judge by, the newest known where
    they are None; `serve` and `select` are those of `check`. Raises OptionError for options that
    make no sense, ValueError for columns of different lengths.
    """
    engines, rules = _convert_to_tuple(serve), _convert_to_tuple(select or ())
    settings = _build_settings(model, peft, transformers, engines, rules)
    if hasattr(records, "keys"):
        rows = [_check(record, settings) for record in _convert_to_records(records)]
        return {name: [row[name] for row in rows] for name in COLUMNS}
    return [_check(record, settings) for record in records]


def _convert_to_tuple(words: Iterable[str] | str) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


@lru_cache(maxsize=16)
def _build_settings(
    model: str | None,
    peft: str | None,
    transformers: str | None,
    serve: tuple[str, ...],
    select: tuple[str, ...],
) -> LintSettings:
    options = RunOptions(
        model=model,
        peft=peft or get_newest_release("peft"),
        transformers=transformers or get_newest_release("transformers"),
        serve=serve,
        select=select,
        isolated=True,
    )
    settings = resolve_settings(options, ()).for_path("")
    return settings._replace(
        trees=settings.trees._replace(local=False, lock=False), with_lines=False
    )


def _convert_to_records(columns: Any) -> list[dict[str, Any]]:
    """The records of columns. Raises ValueError where their lengths differ."""
    names = list(columns.keys())
    return [
        dict(zip(names, values, strict=True))
        for values in zip(*(columns[name] for name in names), strict=True)
    ]


def _check(record: Any, settings: LintSettings) -> dict[str, Any]:
    """The row of one record, which may be anything."""
    if not hasattr(record, "get"):
        return _build_row(None, None, f"a record is a mapping, and no {type(record).__name__}")
    text, path = record.get("text"), record.get("path")
    if path is None:
        path = ADAPTER
    if not isinstance(path, str):
        return _build_row(record.get("id"), None, "`path` is no text")
    if not isinstance(text, (str, bytes)):
        return _build_row(record.get("id"), path, "`text` is neither a text nor bytes")
    # The name alone: no folder of this machine has anything to say.
    name = os.path.basename(path.replace("\\", "/")) or ADAPTER
    result = check_file(name, name, settings, text, on_disk=False)
    reason = result.findings[0].message if result.unreadable else None
    return _build_row(record.get("id"), path, reason, result)


def _build_row(
    id: Any, path: str | None, reason: str | None, result: FileResult | None = None
) -> dict[str, Any]:
    readable = result is not None and reason is None
    return {
        "id": id,
        "path": path,
        "reason": reason,
        "findings": [_convert_finding(one) for one in result.findings]
        if readable and result
        else [],
        "settings": [_convert_setting(one) for one in result.settings] if result else [],
    }


def _convert_finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "field": finding.field,
        **finding.span._asdict(),
        "fix": finding.fix.title if finding.fix else None,
    }


def _convert_setting(setting: SettingResult) -> dict[str, Any]:
    return {name: value for name, value in setting._asdict().items() if name not in LEFT_OUT}
