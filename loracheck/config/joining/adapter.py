"""An adapter as functions on several of them see it, and what is wrong with a set of them."""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    from loracheck.documents.values import Value


class Adapter(NamedTuple):
    """One adapter."""

    name: str
    """How people call it: its name on the model, or its folder."""

    values: Mapping[str, Value]
    """LoraConfig's fields as the file has them."""

    complete: bool = True
    """Whether a field that is not there has PEFT's default."""

    ranks: Mapping[str, int] | None = None
    """Full name of each module with LoRA -> its rank; None where that is not known."""

    saved: bool = True
    """Whether its values were read back from a file."""

    def get(self, field: str) -> Any:
        """The value of a field, an Unknown where it is not known."""
        if field in self.values:
            return self.values[field]
        return get_lora_fields()[field].default if self.complete else Unknown()


class Trouble(NamedTuple):
    """One thing that PEFT raises, or that comes out otherwise than asked for."""

    effect: Literal["raises", "changes"]
    message: str
    help: str


def get_highest_rank(adapter: Adapter) -> int | None:
    """The highest rank that the config sets; None where it is not known."""
    rank, pattern = adapter.get("r"), adapter.get("rank_pattern")
    ranks = list(pattern.values()) if isinstance(pattern, dict) else []
    unknown = isinstance(pattern, Unknown)
    if unknown or not all(type(one) is int for one in (rank, *ranks)):
        return None
    return int(max(rank, *ranks)) if ranks else int(rank)
