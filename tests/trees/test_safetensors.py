"""Headers of safetensors files: the reader against the format's own library, and hostile files."""

from __future__ import annotations

import json
import os
import struct
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.trees.safetensors import HeaderError, Tensor, read_header
from tests.examples import examples

from ..weights import BYTES, safetensors

FOLDER = Path(tempfile.mkdtemp())
SHAPES = st.lists(st.integers(0, 5), max_size=3)
TENSORS = st.dictionaries(
    st.text(min_size=1, max_size=12).filter(lambda n: n != "__metadata__"),
    st.tuples(st.sampled_from(sorted(BYTES)), SHAPES),
    max_size=5,
)


def framed(text: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(text)) + text + data


def one(**row: Any) -> bytes:
    full = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16], **row}
    return framed(json.dumps({"a": full}).encode(), bytes(16))


HOSTILE = {
    "empty": (b"", "is empty"),
    "short": (b"\x02\0\0", "too short"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git-lfs pointer"),
    "page": (b"<!DOCTYPE html><html>Not found</html>", "HTML"),
    "zip": (b"PK\x03\x04 and more than that", "zip archive"),
    "pickle": (b"\x80\x04\x95 and more than that", "pickle"),
    "gguf": (b"GGUF\x03\0\0\0 and more", "GGUF"),
    "huge": (struct.pack("<Q", 1 << 63) + b"{}", "cut off"),
    "not json": (framed(b"{nonsense}"), "no JSON"),
    "not utf-8": (framed(b'{"\xff": 1}'), "no JSON"),
    "a list": (framed(b"[1, 2]"), "no mapping"),
    "deep": (framed(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), "no JSON"),
    "long number": (framed(b'{"a": ' + b"9" * 10_000 + b"}"), "no JSON"),
    "twice": (framed(b'{"a": 1, "a": 2}'), "twice"),
    "no row": (framed(b'{"a": 5}'), "says nothing"),
    "type": (one(dtype="F33"), "unknown type"),
    "type is a list": (one(dtype=["F32"]), "unknown type"),
    "negative": (one(shape=[-2, -2]), "no shape"),
    "boolean": (one(shape=[True, 4]), "no shape"),
    "fraction": (one(shape=[2.0, 2]), "no shape"),
    "astronomic": (one(shape=[1 << 40, 1 << 40]), "impossible"),
    "offsets": (one(data_offsets=[0, 8]), "does not fit"),
    "backwards": (one(data_offsets=[16, 0]), "does not fit"),
    "three offsets": (one(data_offsets=[0, 16, 32]), "no shape"),
    "gap": (one(data_offsets=[4, 20]), "gaps"),
    "cut": (one()[:-3], "cut off"),
    "more": (one() + b"xx", "belong to no tensor"),
    "overlap": (
        framed(
            json.dumps(
                {
                    k: {"dtype": "U8", "shape": [4], "data_offsets": [i, i + 4]}
                    for i, k in enumerate("ab")
                }
            ).encode(),
            bytes(5),
        ),
        "overlap",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_damaged_file_has_a_reason(data: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "adapter_model.safetensors"
    file.write_bytes(data)
    with pytest.raises(HeaderError, match=reason):
        read_header(str(file))


def test_a_header_above_the_limit_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    file.write_bytes(safetensors({"a": ("F32", [2])}))
    with pytest.raises(HeaderError, match="at most 10 are read"):
        read_header(str(file), limit=10)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.safetensors")
    with pytest.raises(HeaderError, match="not a regular file"):
        read_header(str(tmp_path / "a.safetensors"))


@given(TENSORS)
def test_what_is_written_is_read(tensors: dict[str, tuple[str, list[int]]]) -> None:
    file = FOLDER / "a.safetensors"
    file.write_bytes(safetensors(tensors))
    try:
        assert read_header(str(file)) == {k: Tensor(d, tuple(s)) for k, (d, s) in tensors.items()}
    finally:
        file.unlink()


@examples(300)
@given(TENSORS, st.integers(0, 400), st.binary(max_size=6), st.booleans())
def test_the_format_s_own_library_agrees_on_damaged_files(
    tensors: dict[str, tuple[str, list[int]]], at: int, put: bytes, instead: bool
) -> None:
    library = pytest.importorskip("safetensors")
    whole = safetensors(tensors)
    at %= len(whole) + 1
    data = whole[:at] + put + whole[at + (len(put) if instead else 0) :]
    file = FOLDER / "b.safetensors"
    file.write_bytes(data)
    try:
        ours: Any = set(read_header(str(file)))
    except HeaderError:
        ours = None
    try:
        with library.safe_open(str(file), "np") as opened:
            theirs: Any = set(opened.keys())
    except library.SafetensorError:
        theirs = None
    finally:
        file.unlink()
    # Where both read it, they read the same; what the library refuses is refused here as well.
    assert ours is None or ours == theirs
