"""From a data file to an `Engine` at one release."""

from __future__ import annotations

import os
import re
from functools import cache

import loracheck.quick_json as json
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .model import Engine, Fact, Modules, Ranks

if TYPE_CHECKING:
    from typing import Any

FOLDER = os.path.join(os.path.dirname(__file__), "data")
LORA_FILES = os.path.join(FOLDER, "lora_files")
"""The programs that load LoRA files of diffusion models, whose facts are about such files."""
_VERSION = compile_when_used(r"v?(\d+(?:\.\d+)*)(?:\.?post\d+)?")
Number = tuple[int, ...]


class UnknownEngineError(ValueError):
    """An engine or a release that loracheck knows nothing of; the message lists what it knows."""


@cache
def list_engine_names() -> tuple[str, ...]:
    """The engines, by name."""
    files = sorted(os.listdir(FOLDER))
    return tuple(f[:-5] for f in files if f.endswith(".json") and not f.endswith("_models.json"))


@cache
def list_lora_file_engines() -> tuple[str, ...]:
    """The programs that load LoRA files of diffusion models, by name."""
    return tuple(sorted(f[:-5] for f in os.listdir(LORA_FILES) if f.endswith(".json")))


@cache
def load(name: str, version: str | None = None) -> Engine:
    """The engine at `version`: `0.11` is the newest release of that line, None the newest of all.

    Raises UnknownEngineError for a name without data, for what is no version, and for a release
    older than the oldest known. A release that was not read is judged by the one before it.
    """
    engine_name = _find(name)
    if engine_name is None:
        raise UnknownEngineError(_explain_unknown(name))
    data = _read_data(engine_name)
    releases: list[str] = data.get("releases", [])
    judging_release = _find_judging_release(engine_name, version, releases)
    at = parse_engine_version(judging_release) if judging_release else None
    return Engine(
        engine_name,
        data["title"],
        version,
        judging_release,
        data["state"],
        judging_release == releases[-1] if releases else True,
        tuple(_build_fact(row, data["facts"]) for row in data["facts"] if _holds(row, at)),
        next((_build_ranks(row) for row in data.get("ranks", ()) if _holds(row, at)), None),
        tuple(_build_modules(row) for row in data.get("modules", ()) if _holds(row, at)),
        _collect_architectures(data, at),
        engine_name in list_lora_file_engines(),
    )


def _explain_unknown(name: str) -> str:
    """What is said of a name that no engine has: the one that it is close to, or all."""
    from difflib import get_close_matches

    names = (*list_engine_names(), *list_lora_file_engines())
    close = get_close_matches(name.lower(), names, 1, 0.7)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {_list_names()}"
    return f"no engine is called {name!r}; {hint}"


def parse_engine(text: str) -> Engine:
    """The engine that `NAME` or `NAME==VERSION` stands for. Raises UnknownEngineError."""
    name, _, version = text.partition("==")
    return load(name.strip(), version.strip() or None)


def _find(name: str) -> str | None:
    """The data file for a name as people write it: case, `-`, `_` and `.` do not count."""
    plain = _normalise_name(name)
    for engine_name in (*list_engine_names(), *list_lora_file_engines()):
        if plain in (
            _normalise_name(engine_name),
            *map(_normalise_name, _read_data(engine_name).get("aliases", ())),
        ):
            return engine_name
    return None


def _list_names() -> str:
    return f"{', '.join(list_engine_names())}; for LoRA files {', '.join(list_lora_file_engines())}"


def _normalise_name(name: str) -> str:
    return re.sub(r"[-_. ]", "", name).lower()


@cache
def _read_data(name: str) -> dict[str, Any]:
    folder = LORA_FILES if name in list_lora_file_engines() else FOLDER
    with open(os.path.join(folder, f"{name}.json"), encoding="utf-8") as file:
        data: dict[str, Any] = json.load(file)
    return data


def parse_engine_version(version: str) -> Number:
    """A version as it compares. Raises ValueError for what is none."""
    match = _VERSION.fullmatch(version.strip())
    if match is None:
        raise ValueError(f"{version!r} is no version, for example 0.11.0")
    return tuple(int(part) for part in match[1].split("."))


def _find_judging_release(name: str, version: str | None, releases: list[str]) -> str | None:
    """The known release that judges `version`; None where releases are not told apart."""
    if not releases or version is None:
        return releases[-1] if releases else None
    try:
        number = parse_engine_version(version)
    except ValueError as error:
        raise UnknownEngineError(f"{name}: {error}") from error
    upto = [
        r
        for r in releases
        if parse_engine_version(r) <= number or parse_engine_version(r)[: len(number)] == number
    ]
    if not upto:
        raise UnknownEngineError(
            f"{name} {version} is older than what loracheck knows: {releases[0]} to {releases[-1]}"
        )
    return upto[-1]


def _holds(row: dict[str, Any], at: Number | None) -> bool:
    if at is None:
        return "before" not in row
    return ("since" not in row or parse_engine_version(row["since"]) <= at) and (
        "before" not in row or at < parse_engine_version(row["before"])
    )


def _build_fact(row: dict[str, Any], rows: list[dict[str, Any]]) -> Fact:
    """The fact of a row. Its bounds are told where the thing itself begins or ends there, not where
    another row on the same thing takes over.
    """
    same = [other for other in rows if other["what"] == row["what"]]
    begins = not any(other.get("before") == row.get("since", "") for other in same)
    ends = not any(other.get("since") == row.get("before", "") for other in same)
    return Fact(
        row["what"],
        row["effect"],
        row["text"],
        row.get("help", ""),
        row["source"],
        row.get("since") if begins else None,
        row.get("before") if ends else None,
        tuple(row.get("unless", ())),
        tuple(row.get("seen", ())),
        tuple(row.get("only", ())),
        tuple(row.get("but", ())),
    )


def _build_ranks(row: dict[str, Any]) -> Ranks:
    steps = tuple(row.get("steps", ()))
    most = steps[-1] if steps else None
    return Ranks(most, row.get("default"), row["flag"], steps, row["source"])


def _build_modules(row: dict[str, Any]) -> Modules:
    lists = (tuple(row.get(key, ())) for key in ("only", "own"))
    return Modules(frozenset(row["leaves"]), *lists)


def _collect_architectures(data: dict[str, Any], at: Number | None) -> dict[str, str]:
    """Architecture -> status at the release, from the engine's table or its short list."""
    table = _read_data(data["models"]) if "models" in data else data
    rows: dict[str, str | list[list[str]]] = table.get("architectures", {})
    architectures = {}
    for architecture, changes in rows.items():
        if isinstance(changes, str):
            architectures[architecture] = changes
            continue
        past = [
            status for since, status in changes if at is None or parse_engine_version(since) <= at
        ]
        if past and past[-1] not in ("?", "absent"):
            architectures[architecture] = past[-1]
    return architectures
