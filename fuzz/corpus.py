"""What fuzzing of a door begins with: the tests' own cases, and small files of each other kind."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST = 200
"""Files of one kind."""
_HEADER: dict[str, object] = {
    "a.0.b": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
}
_POLICY = {
    "properties": {"fields": {"properties": {"r": {"maximum": 64, "description": "no"}},
                              "required": ["r"], "additionalProperties": False}},
    "anyOf": [{"$ref": "#/$defs/a"}, {"not": {"const": 1}}], "x-severity": "note",
    "$defs": {"a": {"type": ["string", "null"], "pattern": "^(a|b)+$", "enum": [1, {}]}},
}  # fmt: skip
_LORA: dict[str, object] = {
    "a.lora_down.weight": {"dtype": "F16", "shape": [1, 4], "data_offsets": [0, 8]},
    "a.lora_up.weight": {"dtype": "F16", "shape": [4, 1], "data_offsets": [8, 16]},
    "__metadata__": {"ss_network_dim": "1", "ss_network_args": "{}"},
}


def _write_weights(header: dict[str, object]) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(16)


def _write_call(tool: str, **arguments: object) -> bytes:
    params = {"name": tool, "arguments": arguments}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return json.dumps(call).encode() + b"\n"


OTHERS: dict[str, tuple[bytes, ...]] = {
    "settings": (b'select = ["LC1"]\nexclude = ["*.x"]\n[rules.LC302]\nlow = 1\n',),
    "baseline": (b'{"version": 1, "findings": [{"path": "a", "code": "LC101", "count": 1}]}',),
    "lock": (b'{"version": 1, "models": {"a": {"version": 1, "tree": ["M", {}, {}]}}}',),
    "safetensors": (_write_weights(_HEADER),),
    "lora-file": (_write_weights(_LORA), _write_weights({"a.lora_A.weight": {}})),
    "policy-json": (json.dumps(_POLICY).encode(),),
    "policy-yaml": (b"properties: {fields: {properties: {r: {maximum: 8}}}}\nnot: {type: null}\n",),
    "mcp": (
        _write_call("check", text='{"peft_type": "LORA", "r": "8"}', name="a.json", serve=["vllm"]),
        _write_call("check", path="a.json"),
        _write_call("explain", topic="lora_alpha") + _write_call("models", query="qwen3 8b"),
        _write_call("tree", model="Qwen/Qwen3-8B", head="CausalLM"),
        b'{"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {}}\n',
    ),
    "gitignore": (b"*.json\n!a.json\n/a/**/b\\ \n[a-z]?*\n# no\n",),
    "index": (b'{"weight_map": {"model.layers.0.q_proj.weight": "a.safetensors"}}',),
    "config": (b'{"model_type": "llama", "num_hidden_layers": 2, "num_labels": 3}',),
}


def seeds(door: str) -> list[bytes]:
    """The inputs to begin with."""
    if door in OTHERS:
        return list(OTHERS[door])
    suffix = door.rpartition("-")[2]
    folders = (ROOT / "tests", ROOT / "docs" / "examples", ROOT / "examples")
    paths = sorted(path for folder in folders for path in folder.rglob(f"*.{suffix}"))
    texts = (path.read_bytes() for path in paths if "expected" not in path.name)
    small = [text for text in texts if len(text) < 8192]
    kept = small[:: len(small) // MOST + 1]
    return [b"\0\x40" + text for text in kept] if door.startswith("lsp-") else kept


def write_seeds(door: str, folder: Path) -> None:
    """Write the seeds of a door as files of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for text in seeds(door):
        (folder / hashlib.sha256(text).hexdigest()[:16]).write_bytes(text)
