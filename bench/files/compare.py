"""Where loracheck's JSON and PEFT's answer differ."""

from __future__ import annotations

import re
from typing import Any

from bench.oracle.outcome import plain_name
from loracheck.explain.file.impact import INVALID_CONFIG

_NUMBER = re.compile(r"\.\d+(?=\.|$)")


def find_differences(
    row: dict[str, Any], impact: dict[str, Any], findings: list[dict[str, Any]], release: str
) -> dict[str, Any]:
    """Each part in which a pair's two answers differ -> (PEFT's, loracheck's).

    `row` is PEFT's answer (`draw_pairs.Row`), `impact` the setting in `explain --format json`,
    `findings` what `check --format json` says of the file, `release` what it is to be judged by.
    """
    invalid = impact["reason"] == INVALID_CONFIG
    refusal = row["error"] if invalid and row["error"] else _exception(impact)
    wrong = any(finding["severity"] == "error" for finding in findings)
    parts: dict[str, tuple[Any, Any]] = {
        "judged": (True, impact["judged"] or invalid),
        "transformers": (release, impact["transformers"] or release),
        "error": (row["error"], "invalid" if invalid and not row["error"] else refusal),
        "finding": (True, wrong or row["error"] is None),
    }
    if row["error"] is None:
        parts |= {
            "wrapped": (_kinds_of(row["wrapped"]), _kinds_of_rows(impact["rows"])),
            "targeted": (len(row["wrapped"]), impact["targeted"]),
            "saved": (row["saved"], _count_saved(impact["full"])),
            "tokens": (row["tokens"], len(impact["tokens"])),
            "counts": (row["counts"], [impact["trainable"], impact["total"]]),
        }
    return {name: pair for name, pair in parts.items() if pair[0] != pair[1]}


def _exception(impact: dict[str, Any]) -> str | None:
    """The class of the exception that loracheck expects."""
    refusal = impact["refusal"]
    return refusal["exception"] if refusal else None


def _count_saved(full: list[dict[str, Any]]) -> int:
    """Modules that train in full; both copies of one inside another count once, as in `Row`."""
    counts: dict[str, int] = {}
    for one in full:
        name = plain_name(one["name"])
        counts[name] = max(counts.get(name, 0), one["modules"])
    return sum(counts.values())


def _kinds_of(wrapped: dict[str, Any]) -> dict[str, Any]:
    """Name with its numbers joined -> how many are wrapped, and all (rank, alpha, scaling)."""
    found: dict[str, list[Any]] = {}
    for name, values in wrapped.items():
        found.setdefault(_NUMBER.sub(".*", name), []).append(values)
    return {
        name: [len(each), *(sorted({float(one[at]) for one in each}) for at in range(3))]
        for name, each in sorted(found.items())
    }


def _kinds_of_rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The same from the rows of `explain`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["adapted"]:
            found.setdefault(_NUMBER.sub(".*", row["name"].replace(".*", ".0")), []).append(row)
    return {
        name: [
            sum(row["adapted"] for row in each),
            *(
                sorted({float(value) for row in each for value in row[key]})
                for key in ("ranks", "alphas", "scalings")
            ),
        ]
        for name, each in sorted(found.items())
    }
