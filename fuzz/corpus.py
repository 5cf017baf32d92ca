"""What fuzzing of a door begins with: the tests' own cases, and small files of each other kind."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST = 200
"""Files of one kind."""
_HEADER = json.dumps({"a.0.b": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}).encode()
OTHERS: dict[str, tuple[bytes, ...]] = {
    "settings": (b'select = ["LC1"]\nexclude = ["*.x"]\n[rules.LC302]\nlow = 1\n',),
    "baseline": (b'{"version": 1, "findings": [{"path": "a", "code": "LC101", "count": 1}]}',),
    "lock": (b'{"version": 1, "models": {"a": {"version": 1, "tree": ["M", {}, {}]}}}',),
    "safetensors": (struct.pack("<Q", len(_HEADER)) + _HEADER + bytes(16),),
    "index": (b'{"weight_map": {"model.layers.0.q_proj.weight": "a.safetensors"}}',),
    "config": (b'{"model_type": "llama", "num_hidden_layers": 2, "num_labels": 3}',),
}


def seeds(door: str) -> list[bytes]:
    """The inputs to begin with."""
    if door in OTHERS:
        return list(OTHERS[door])
    suffix = door.removeprefix("fix-")
    folders = (ROOT / "tests", ROOT / "docs" / "examples", ROOT / "examples")
    paths = sorted(path for folder in folders for path in folder.rglob(f"*.{suffix}"))
    texts = (path.read_bytes() for path in paths if "expected" not in path.name)
    return [text for text in texts if len(text) < 8192][:MOST]


def write_seeds(door: str, folder: Path) -> None:
    """Write the seeds of a door as files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for text in seeds(door):
        (folder / hashlib.sha256(text).hexdigest()[:16]).write_bytes(text)
