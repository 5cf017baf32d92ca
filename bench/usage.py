"""`loracheck/explain/field/usage.json`: what real configs set, for `explain FIELD`.

    python -m bench.usage FOLDER

reads every file below FOLDER as loracheck does, one folder an owner and repository two levels down
(`axolotl/owner__name/...`), and counts each field's values. A repository counts once for a value,
however many files repeat it; the totals are of such pairs. Nothing of the files but the numbers is
kept.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loracheck.config.field_table import get_lora_fields
from loracheck.documents import read
from loracheck.documents.model import DocumentError, Unknown
from loracheck.tools import find_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.setting import Setting

TARGET = Path(__file__).parent.parent / "loracheck" / "explain" / "field" / "usage.json"
MAX_VALUES = 8
"""Values of a field that are kept; the rest is counted together."""

MAX_LENGTH = 90
"""Characters of a value that is kept."""

SUFFIXES = frozenset({".json", ".yaml", ".yml", ".toml", ".py", ".ipynb", ".sh"})
ALWAYS_SET = frozenset({"r", "lora_alpha", "lora_dropout"})
"""Fields that a run always has a value for, so that the default is one like any other."""

SKIPPED = frozenset(
    {"task_type", "peft_type", "base_model_name_or_path", "revision", "peft_version"}
)
"""Fields whose values tell of the model or the file, not of a choice."""


def main(folder: str) -> None:
    """Count and write."""
    found = count_usage(Path(folder))
    TARGET.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{found['settings']} settings in {found['repositories']} repositories")


def count_usage(folder: Path) -> dict[str, Any]:
    """The numbers of all files below a folder."""
    seen: dict[str, set[tuple[str, str]]] = {name: set() for name in get_lora_fields()}
    repositories: set[str] = set()
    total = 0
    for repository, setting in _iter_settings(folder):
        total += 1
        repositories.add(repository)
        for name, value in _explicit_fields(setting):
            seen[name].add((repository, value))
    return {
        "settings": total,
        "repositories": len(repositories),
        "fields": {name: _count_pairs(pairs) for name, pairs in seen.items() if pairs},
    }


def _iter_settings(folder: Path) -> Iterator[tuple[str, Setting]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix not in SUFFIXES or not path.is_file():
            continue
        try:
            found = find_settings(read(str(path)))
        except (DocumentError, OSError):
            continue
        repository = "/".join(path.relative_to(folder).parts[:2])
        yield from ((repository, setting) for setting in found)


def _explicit_fields(setting: Setting) -> Iterator[tuple[str, str]]:
    """Fields that the file itself sets to a value that is known."""
    for name, value in setting.fields.items():
        if name in SKIPPED or name not in get_lora_fields() or name not in setting.places:
            continue
        text = _value_text(value)
        # PEFT writes every field beside saved weights: most defaults there were nobody's choice.
        told = setting.purpose == "training" or name in ALWAYS_SET
        chosen = told or value != get_lora_fields()[name].default
        if text is not None and chosen:
            yield name, text


def _value_text(value: Any) -> str | None:
    """A value as the page shows it; None where it is not known or says nothing."""
    if isinstance(value, Unknown) or value is None:
        return None
    if isinstance(value, (list, tuple, set)):
        if any(isinstance(item, Unknown) for item in value) or not value:
            return None
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, dict):
        return f"{len(value)} entries" if value else None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _count_pairs(pairs: set[tuple[str, str]]) -> dict[str, Any]:
    values = Counter(value for _, value in pairs)
    common = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    kept: list[tuple[str, int]] = [
        (value, number) for value, number in common[:MAX_VALUES] if len(value) <= MAX_LENGTH
    ]
    return {
        "repositories": len({repository for repository, _ in pairs}),
        "values": kept,
        "others": len(pairs) - sum(number for _, number in kept),
    }


if __name__ == "__main__":
    main(sys.argv[1])
