"""`ReleaseValues`: a config's values, with PEFT's defaults behind them, at one PEFT release."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .field_table import get_lora_fields, load_release_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from loracheck.documents.values import Value

NEWEST = (999, 0)


def parse_release_number(version: str) -> tuple[int, int]:
    """Major and minor of "0.13", "0.13.2", "v0.13.0.dev0"; ValueError for anything else."""
    major, _, rest = version.strip().removeprefix("v").partition(".")
    try:
        return int(major), int(rest.partition(".")[0])
    except ValueError:
        raise ValueError(f"{version!r} is no PEFT version such as 0.13 or 0.13.2") from None


def list_release_defaults(version: str | None) -> dict[str, Value]:
    """Each field that a release of PEFT has -> its default there; None means the newest release.
    The version that PEFT writes into a file is no field that one sets, and left out.
    """
    release = NEWEST if version is None else parse_release_number(version)
    row = load_release_table()["releases"].get(".".join(map(str, release)), {})
    changed: dict[str, Value] = row.get("defaults", {})
    return {
        name: changed.get(name, field.default)
        for name, field in get_lora_fields().items()
        if parse_release_number(field.since) <= release and name != "peft_version"
    }


class ReleaseValues:
    """The values that the release knows; `saved` means that they stand in a file PEFT reads."""

    __slots__ = ("release", "saved", "values")

    def __init__(
        self, values: Mapping[str, Value], release: tuple[int, int] = NEWEST, saved: bool = False
    ) -> None:
        self.values = values
        self.release = release
        self.saved = saved

    def get(self, name: str) -> Any:
        """The field's value, or PEFT's default."""
        return self.values[name] if name in self.values else get_lora_fields()[name].default

    def is_on(self, name: str) -> bool:
        """Whether the value is known and truthy."""
        value = self.get(name)
        return not isinstance(value, Unknown) and bool(value)

    def is_given(self, name: str) -> bool:
        """Whether the value is known and not null."""
        value = self.get(name)
        return not isinstance(value, Unknown) and value is not None

    def has_unknown(self, *names: str) -> bool:
        """Whether any of the values cannot be known."""
        return any(isinstance(self.values.get(name), Unknown) for name in names)

    def layers_decide(self) -> bool:
        """Whether PEFT finds nothing at all when layers_to_transform matches no layer.

        Full module names are not held against layers, and target_parameters are targets too.
        """
        names = self.get("target_modules")
        dotted = isinstance(names, (list, tuple, set, frozenset)) and any(
            isinstance(name, Unknown) or "." in str(name) for name in names
        )
        unknown = self.has_unknown("target_modules", "target_parameters")
        return not (unknown or dotted or self.is_on("target_parameters"))

    def is_at_least(self, version: str) -> bool:
        """Whether the release is `version` or newer."""
        return self.release >= parse_release_number(version)
