"""Files of adapter weights as small as they can be: the header is real, the data is zeros."""

from __future__ import annotations

import json
import struct
from math import prod

BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I8": 1, "U8": 1, "BOOL": 1}


def described(text: str) -> bytes:
    """A safetensors file from a tensor a line: name, type, and the shape as in `[8, 64]`."""
    tensors = {}
    for line in text.strip().splitlines():
        name, dtype, shape = line.split(maxsplit=2)
        tensors[name] = (dtype, json.loads(shape))
    return safetensors(tensors)


def safetensors(tensors: dict[str, tuple[str, list[int]]]) -> bytes:
    """A safetensors file of zeros."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, (dtype, shape) in tensors.items():
        start, end = end, end + prod(shape) * BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)
