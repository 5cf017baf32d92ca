"""What is known about every LoraConfig field, without pydantic: read from generated JSON files.

`facts.json` holds what the checks need, `help.json` the long texts, `versions.json` the releases;
the last two are read when they are first asked for.
"""

from __future__ import annotations

from functools import cache
from os.path import dirname, join

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from loracheck.documents.values import Value

_HERE = dirname(__file__)


class Typical(NamedTuple):
    """The range used in practice. The long texts are read when one is asked for."""

    low: float | None
    high: float | None
    key: str
    """Its key among the long texts."""

    @property
    def text(self) -> str:
        """The range in words."""
        return str(_load_texts()[self.key]["typical"])

    @property
    def source(self) -> str:
        """Where it comes from."""
        return str(_load_texts()[self.key]["typical_source"])


class Field(NamedTuple):
    """One field.

    `owner` is the class it belongs to ("LoraConfig", "EvaConfig"), `base` whether LoraConfig
    inherits it from PeftConfig. `type` joins what PEFT can work with by "|": null, bool, int,
    number, str, list[...] (tuples and sets too), bare[...] (a list and nothing else), dict[...],
    config. `choices`, `pattern`, `min`, `max`, `above`, `below` and `items` (the same for the
    members) narrow it. `config` names the sub-config class. `newer` maps a choice to the release
    that brought it. `effect` and `outcome` say what a value outside of this leads to. `peft` is
    PEFT's own annotation.
    """

    name: str
    owner: str
    type: str
    default: Value
    since: str
    effect: str
    outcome: str
    peft: str
    choices: tuple[Any, ...] = ()
    pattern: str | None = None
    min: float | None = None
    max: float | None = None
    above: float | None = None
    below: float | None = None
    items: Mapping[str, float] | None = None
    config: str | None = None
    newer: Mapping[str, str] | None = None
    range: tuple[float | None, float | None] | None = None
    internal: bool = False
    base: bool = False

    @property
    def help(self) -> str:
        """One to three plain sentences."""
        return str(self._text.get("help", ""))

    @property
    def source(self) -> str:
        """Where the facts come from."""
        return str(self._text.get("source", ""))

    @property
    def examples(self) -> tuple[Any, ...]:
        """Values that one might write."""
        return tuple(self._text.get("examples", ()))

    @property
    def typical(self) -> Typical | None:
        """The range used in practice, or None where none is known."""
        if self.range is None:
            return None
        return Typical(*self.range, f"{self.owner}.{self.name}")

    @property
    def _text(self) -> dict[str, Any]:
        texts: dict[str, Any] = _load_texts().get(f"{self.owner}.{self.name}", {})
        return texts


def _read(name: str) -> dict[str, Value]:
    with open(join(_HERE, name), encoding="utf-8") as file:
        data: dict[str, Any] = json.load(file)
    return data


@cache
def _load_facts() -> dict[str, Any]:
    return _read("facts.json")


@cache
def _load_texts() -> dict[str, Any]:
    return _read("help.json")


def _build_field(name: str, owner: str, row: dict[str, Any]) -> Field:
    facts = {**row, "name": name, "owner": owner, "choices": tuple(row.get("choices", ()))}
    if "typical" in facts:
        facts["range"] = tuple(facts.pop("typical"))
    return Field(**facts)


def _build_fields(owner: str, rows: dict[str, Any]) -> dict[str, Field]:
    return {name: _build_field(name, owner, row) for name, row in rows.items()}


@cache
def get_lora_fields() -> Mapping[str, Field]:
    """The 42 fields of LoraConfig by name."""
    return _build_fields("LoraConfig", _load_facts()["fields"])


@cache
def get_sub_config_fields(config: str) -> Mapping[str, Field]:
    """The fields of a sub-config class ("EvaConfig") by name; empty for an unknown class."""
    return _build_fields(config, _load_facts()["configs"].get(config, {}))


def list_sub_configs() -> tuple[str, ...]:
    """Names of the sub-config classes."""
    return tuple(_load_facts()["configs"])


def get_removed_fields() -> Mapping[str, dict[str, Any]]:
    """Fields that PEFT once had: name to type, since, removed."""
    removed_fields: dict[str, dict[str, Any]] = _load_facts()["removed"]
    return removed_fields


def get_alpha_ratio() -> Typical:
    """The range of lora_alpha / r used in practice."""
    low, high = _load_facts()["ratio"]
    return Typical(low, high, "ratio")


@cache
def load_release_table() -> Mapping[str, Any]:
    """The table of PEFT releases, 0.3 to 0.21 (`timeline.table()` says what is in it)."""
    return _read("versions.json")


def find_field_by_spelling(name: str) -> str | None:
    """The LoraConfig field of this name, whatever its case and dashes, or the one that tools and
    PEFT's own releases are known to spell so (`lora_rank` is `r`); None where it is neither.
    """
    low = _normalise_name(name)
    fields = get_lora_fields()
    if low in fields:
        return low
    without_underscores = {n.replace("_", ""): n for n in fields}
    field_name = _load_facts()["spellings"].get(low) or without_underscores.get(
        low.replace("_", "")
    )
    return str(field_name) if field_name else None


MAX_WORD = 64
"""Longest name that a nearest one is looked for, which takes the square of its length in time."""


def find_closest_field(name: str, owner: str = "LoraConfig") -> str | None:
    """The field that a misspelt or foreign name most likely means, or None.

    Known spellings of other tools come first (`lora_rank` is `r`), then the nearest name.
    """
    fields = get_lora_fields() if owner == "LoraConfig" else get_sub_config_fields(owner)
    low = _normalise_name(name)
    if low in fields:
        return low
    field_name = find_field_by_spelling(name) if owner == "LoraConfig" else None
    if field_name:
        return field_name
    if len(low) > MAX_WORD:
        return None
    from difflib import get_close_matches

    # One-letter names are near to everything.
    candidates = [n for n in fields if len(n) > 1]
    return next(iter(get_close_matches(low, candidates, 1, 0.75)), None)


def _normalise_name(name: str) -> str:
    return name.strip().lower().replace("-", "_").replace(" ", "_")
