"""Files of adapter weights as small as they can be: the header is real, the data is zeros."""

from __future__ import annotations

import json
import struct
from math import prod
from pathlib import Path

BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I8": 1, "U8": 1, "BOOL": 1}
Tensors = dict[str, tuple[str, list[int]]]


def describe(folder: Path, text: str) -> None:
    """Write the weights that a text describes: a tensor a line, name, type, and the shape as in
    `[8, 64]`; `cut off` at its end leaves the data out. `adapter_model.bin` alone is a pickle.
    """
    if text.strip() == "adapter_model.bin":
        (folder / "adapter_model.bin").write_bytes(b"\x80\x04.")
        return
    whole = text.strip().removesuffix("cut off")
    tensors = {}
    for line in whole.strip().splitlines():
        name, dtype, shape = line.split(maxsplit=2)
        tensors[name] = (dtype, json.loads(shape))
    header, size = head(tensors)
    with (folder / "adapter_model.safetensors").open("wb") as file:
        file.write(header)
        if whole == text.strip():
            file.truncate(len(header) + size)  # a hole, which takes no space on the disk


def safetensors(tensors: Tensors) -> bytes:
    """A safetensors file of zeros."""
    header, size = head(tensors)
    return header + bytes(size)


def lora_file(text: str) -> bytes:
    """The LoRA file that a text describes: a tensor a line, name, type, shape and, for one element
    of type F16, `= 8` for its value; `metadata KEY TEXT` for a text of the metadata.
    """
    tensors: Tensors = {}
    values: dict[str, float] = {}
    metadata: dict[str, str] = {}
    for line in text.strip().splitlines():
        name, kind, rest = line.split(maxsplit=2)
        if name == "metadata":
            metadata[kind] = rest
            continue
        shape, _, value = rest.partition("=")
        tensors[name] = (kind, json.loads(shape))
        if value:
            values[name] = float(value)
    return lora_bytes(tensors, metadata, values)


def lora_bytes(
    tensors: Tensors, metadata: dict[str, str] | None = None, values: dict[str, float] | None = None
) -> bytes:
    """A safetensors file of zeros, but for the `values` of tensors of one element of type F16."""
    header, size = head(tensors, metadata)
    data = bytearray(size)
    at = 0
    for name, (dtype, shape) in tensors.items():
        if values and name in values:
            data[at : at + 2] = struct.pack("<e", values[name])
        at += prod(shape) * BYTES[dtype]
    return header + bytes(data)


def head(tensors: Tensors, metadata: dict[str, str] | None = None) -> tuple[bytes, int]:
    """The header of such a file, and the bytes of data that follow it."""
    header: dict[str, object] = {"__metadata__": {"format": "pt", **(metadata or {})}}
    end = 0
    for name, (dtype, shape) in tensors.items():
        start, end = end, end + prod(shape) * BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text, end
