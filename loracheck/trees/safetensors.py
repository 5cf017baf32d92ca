"""The header of one safetensors file: names, types and shapes of its tensors, and its metadata; of
the data nothing is read but single numbers that are asked for by name.

The file is taken for hostile: what its header claims is held against the file's size before it is
believed. Source: the format's description and checks in huggingface/safetensors 0.5
(`README.md` "Format", `safetensors/src/tensor.rs` `Metadata::validate`).
"""

from __future__ import annotations

import json
import os
import struct

from loracheck.documents.model import DocumentError
from loracheck.documents.source import open_regular
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO, TypeGuard

MAX_HEADER = 100_000_000
"""The format's own limit of a header in bytes."""

BITS = {
    "F64": 64, "I64": 64, "U64": 64, "C64": 64, "F32": 32, "I32": 32, "U32": 32,
    "F16": 16, "BF16": 16, "I16": 16, "U16": 16, "I8": 8, "U8": 8, "BOOL": 8,
    "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
}  # fmt: skip
"""Bits of one element by type."""

MAX_NUMBERS = 20_000
"""Values that are read of one file: an alpha for each module of the largest LoRA files."""

_NUMBER_FORMATS = {
    "F64": "<d", "F32": "<f", "F16": "<e", "BF16": "<f",
    "I64": "<q", "I32": "<i", "I16": "<h", "I8": "<b", "U8": "<B",
}  # fmt: skip

_LFS = b"version https://git-lfs"
_OTHERS = (
    (_LFS, "is a git-lfs pointer, not the weights"),
    (b"PK\x03\x04", "is a zip archive, as torch.save writes, not a safetensors file"),
    (b"\x80", "is a pickle, not a safetensors file"),
    (b"GGUF", "is a GGUF file, not a safetensors file"),
    (b"<", "is an HTML or XML page, not the weights"),
)


class Tensor(NamedTuple):
    """One tensor as the header describes it."""

    dtype: str
    shape: tuple[int, ...]


class HeaderError(ValueError):
    """Why a file is no safetensors file; `pointer` marks a git-lfs pointer."""

    def __init__(self, reason: str, *, pointer: bool = False) -> None:
        super().__init__(reason)
        self.pointer = pointer


class Header(NamedTuple):
    """What a file says of itself."""

    tensors: dict[str, Tensor]
    """Its tensors by name, in the header's order."""

    metadata: dict[str, str]
    """The texts of `__metadata__`."""

    numbers: dict[str, float]
    """Values of the tensors of one element that were asked for."""


def read_header(
    path: str, limit: int = MAX_HEADER, *, whole: bool = True, anywhere: bool = False
) -> dict[str, Tensor]:
    """The tensors of a file by name, as `read_file` gives them."""
    return read_file(path, limit, whole=whole, anywhere=anywhere).tensors


def read_file(
    path: str,
    limit: int = MAX_HEADER,
    *,
    whole: bool = True,
    anywhere: bool = False,
    number: Callable[[str], bool] | None = None,
) -> Header:
    """The header of a file, and the values of tensors of one element whose name `number` takes (at
    most `MAX_NUMBERS` of them, and eight bytes each).

    `limit` is the longest header in bytes that is read; with `whole` False the data may be cut off;
    `anywhere` as `open_regular` has it.

    Raises HeaderError for a file that is none or is damaged, OSError for one that cannot be read.
    """
    try:
        handle = open_regular(path, anywhere=anywhere)
    except DocumentError as error:
        raise HeaderError(error.reason.replace("this is", "is", 1)) from None
    with handle as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(32)
        length = _parse_length(start, size, limit)
        file.seek(8)
        data = _parse_header(file.read(length))
        metadata = _parse_metadata(data.pop("__metadata__", {}))
        tensors: dict[str, Tensor] = {}
        ranges: list[tuple[int, int]] = []
        for name, row in data.items():
            tensors[name], span = _parse_tensor(name, row)
            ranges.append(span)
        if whole:
            _require_whole_file(ranges, size - 8 - length)
        places = {name: begin for name, (begin, _) in zip(tensors, ranges, strict=True)}
        number_names = [name for name in tensors if number is not None and number(name)]
        numbers = _read_numbers(file, 8 + length, tensors, places, number_names[:MAX_NUMBERS])
    return Header(tensors, metadata, numbers)


def _read_numbers(
    file: BinaryIO,
    start: int,
    tensors: dict[str, Tensor],
    places: dict[str, int],
    names: list[str],
) -> dict[str, float]:
    """The values of those tensors that have one element of a type that Python knows."""
    numbers: dict[str, float] = {}
    for name in names:
        dtype, shape = tensors[name]
        if dtype not in _NUMBER_FORMATS or any(side != 1 for side in shape):
            continue
        file.seek(start + places[name])
        data = file.read(BITS[dtype] // 8)
        if len(data) == BITS[dtype] // 8:
            # bfloat16 is the upper half of a float32.
            padded = b"\0\0" + data if dtype == "BF16" else data
            numbers[name] = float(struct.unpack(_NUMBER_FORMATS[dtype], padded)[0])
    return numbers


def _parse_length(start: bytes, size: int, limit: int) -> int:
    """Bytes of the header, held against the file's size."""
    if not start:
        raise HeaderError("is empty")
    for mark, reason in _OTHERS:
        # A safetensors file begins with its header's length; its ninth byte is a brace.
        if start.startswith(mark) and start[8:9] != b"{":
            raise HeaderError(reason, pointer=mark == _LFS)
    if len(start) < 8:
        raise HeaderError("is too short for a safetensors file")
    (length,) = struct.unpack("<Q", start[:8])
    if length > size - 8:
        raise HeaderError(f"claims a header of {length:,} bytes and has {size:,}: it is cut off")
    if length > limit:
        raise HeaderError(f"has a header of {length:,} bytes, and at most {limit:,} are read")
    return int(length)


def _parse_header(text: bytes) -> dict[str, Any]:
    """The header as a mapping; a name that comes twice is an error, as it is for the format."""
    try:
        data = json.loads(text.decode("utf-8"), object_pairs_hook=_build_unique_dict)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, HeaderError) else "has a header that is no JSON"
        raise HeaderError(reason) from error
    if not isinstance(data, dict):
        raise HeaderError("has a header that is no mapping")
    return data


def _parse_metadata(row: Any) -> dict[str, str]:
    """The format allows texts only."""
    if not isinstance(row, dict) or not all(isinstance(text, str) for text in row.values()):
        raise HeaderError("has metadata that are no texts")
    return row


def _build_unique_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise HeaderError("names a tensor twice")
    for name in unique:
        name.encode("utf-8")  # half a character, which JSON lets through, is no text
    return unique


def _parse_tensor(name: str, row: Any) -> tuple[Tensor, tuple[int, int]]:
    """One row of the header, and where its data lies."""
    short_name = name if len(name) <= 80 else f"{name[:77]}..."
    if not isinstance(row, dict):
        raise HeaderError(f"says nothing of `{short_name}`")
    dtype, shape, offsets = row.get("dtype"), row.get("shape"), row.get("data_offsets")
    if not (isinstance(dtype, str) and dtype in BITS):
        raise HeaderError(f"has an unknown type for `{short_name}`")
    if not (_is_natural_list(shape) and _is_natural_list(offsets)) or len(offsets) != 2:
        raise HeaderError(f"has no shape and place for `{short_name}`")
    elements = 1
    for side in shape:
        elements *= side
        if elements > 1 << 62:
            raise HeaderError(f"has an impossible shape for `{short_name}`")
    begin, end = offsets
    if (end - begin) * 8 != elements * BITS[dtype]:
        raise HeaderError(f"has a place for `{short_name}` that does not fit its shape")
    return Tensor(dtype, tuple(shape)), (begin, end)


def _is_natural_list(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)


def _require_whole_file(ranges: list[tuple[int, int]], size: int) -> None:
    """The tensors lie one after the other and fill the file."""
    at = 0
    for begin, end in sorted(ranges):
        if begin != at:
            raise HeaderError("has tensors that overlap" if begin < at else "has gaps in its data")
        at = end
    if at > size:
        raise HeaderError(f"is cut off: {at:,} bytes of weights are named, {size:,} are there")
    if at < size:
        raise HeaderError(f"has {size - at:,} bytes that belong to no tensor")
