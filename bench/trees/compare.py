"""Two runs held against each other: equal, different, refused by one, refused by both."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OUTCOMES = ("equal", "different", "stand-in error", "built by the stand-in only", "refused by both")


def read_results(path: Path) -> Iterator[dict[str, Any]]:
    """The results of one run, in its order."""
    with path.open() as lines:
        for line in lines:
            yield json.loads(line)


def pair_key(result: dict[str, Any]) -> tuple[str, str, int]:
    """What is one pair in one variation."""
    return result["type"], result["auto"], result["variant"]


def classify(real: dict[str, Any], stand_in: dict[str, Any] | None) -> str:
    """One of OUTCOMES."""
    if stand_in is None:
        stand_in = {"error": "no result"}
    if "tree" in real:
        if "tree" not in stand_in:
            return "stand-in error"
        return "equal" if json.dumps(real["tree"]) == json.dumps(stand_in["tree"]) else "different"
    return "built by the stand-in only" if "tree" in stand_in else "refused by both"


def first_difference(real: dict[str, Any], stand_in: dict[str, Any]) -> str:
    """Where two trees part first, for a person to look at."""
    for name in real:
        if real[name] != stand_in.get(name) and name not in ("nodes", "classes", "root"):
            return f"{name}: {str(real[name])[:150]} / {str(stand_in.get(name))[:150]}"
    ours, theirs = list(flatten_modules(real)), list(flatten_modules(stand_in))
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            return f"{one} / {other}"
    return f"{len(ours)} modules / {len(theirs)} modules"


def flatten_modules(tree: dict[str, Any]) -> Iterator[list[Any]]:
    """Every module with its class, parameters and attributes."""

    def walk(name: str, index: int) -> Iterator[list[Any]]:
        cls, parameters, children, *attributes = tree["nodes"][index]
        yield [name, tree["classes"][cls], parameters, attributes]
        for own, child in children:
            yield from walk(f"{name}.{own}" if name else own, child)

    return walk("", tree["root"])


def name_release(tree: dict[str, Any]) -> str:
    """Library and version that built a tree."""
    version = tree.get("library_version", tree.get("transformers"))
    return f"{tree.get('library', 'transformers')} {version}"


class ComparisonTable:
    """Counts and the cases worth a line."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.lines: list[str] = []
        self.refused: Counter[str] = Counter()
        self.release = ""

    def add(self, real: dict[str, Any], stand_in: dict[str, Any] | None) -> None:
        """Count one pair."""
        found = classify(real, stand_in)
        if "tree" in real:
            self.release = name_release(real["tree"])
        self.counts["defaults" if real["variant"] == 0 else "variations", found] += 1
        name = f"{real['type']} {real['auto']} {real['variant']}"
        if found == "different" and stand_in is not None:
            self.lines.append(
                f"different  {name}: {first_difference(real['tree'], stand_in['tree'])}"
            )
        elif found == "stand-in error":
            self.lines.append(
                f"stand-in error  {name}: {(stand_in or {}).get('error', 'no result')}"
            )
        if "error" in real and real["variant"] == 0:
            self.refused[f"{real['type']} {real['auto']}: {real['error']}"] += 1

    @property
    def exact(self) -> bool:
        """Whether all that real torch builds is equal."""
        return not any(self.counts[rows, found] for rows in ROWS for found in OUTCOMES[1:3])

    def text(self) -> str:
        """The table."""
        rows = [f"{'':12}{'real torch':>12}" + "".join(f"{name:>28}" for name in OUTCOMES)]
        for row in ROWS:
            counts = [self.counts[row, name] for name in OUTCOMES]
            if any(counts):
                rows.append(
                    f"{row:12}{sum(counts[:3]):12}" + "".join(f"{number:28}" for number in counts)
                )
        return "\n".join(rows)


ROWS = ("defaults", "variations")


def compare_runs(real: Path, stand_in: Path) -> ComparisonTable:
    """Hold two runs of the same pairs against each other."""
    table = ComparisonTable()
    other = read_results(stand_in)
    ahead: dict[tuple[str, str, int], dict[str, Any]] = {}
    for result in read_results(real):
        wanted = pair_key(result)
        while wanted not in ahead:
            following = next(other, None)
            if following is None:
                break
            ahead[pair_key(following)] = following
        table.add(result, ahead.pop(wanted, None))
    return table
