"""What is to be written: fields with values that the text of a file can hold; and `WriteResult`,
the text with the fields that the tool has no key for.
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.tools.core.file_draft import WriteRequest
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Value


def split_unknown(request: WriteRequest) -> tuple[WriteRequest, tuple[str, ...]]:
    """The request without fields whose value is unknown, and the names of those fields."""
    unknown = tuple(name for name, value in request.values.items() if _is_unknown(value))
    values = {
        name: _convert_to_lists(v) for name, v in request.values.items() if name not in unknown
    }
    return request._replace(values=values), tuple(
        name for name in unknown if name in get_lora_fields()
    )


def _is_unknown(value: Value) -> bool:
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(_is_unknown, value))
    if isinstance(value, dict):
        return any(map(_is_unknown, value.values()))
    return isinstance(value, Unknown)


def _convert_to_lists(value: Value) -> Value:
    """Sets and tuples as lists."""
    if isinstance(value, (set, frozenset)):
        return sorted(map(_convert_to_lists, value), key=str)
    if isinstance(value, (list, tuple)):
        return list(map(_convert_to_lists, value))
    return (
        {key: _convert_to_lists(item) for key, item in value.items()}
        if isinstance(value, dict)
        else value
    )


class WriteResult(NamedTuple):
    """The text, and the fields that the tool has no key for."""

    text: str
    unwritten_fields: tuple[str, ...] = ()
