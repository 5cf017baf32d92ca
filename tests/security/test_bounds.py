"""What a stranger's files can ask for is bounded: no traceback, no endless run, no gigabytes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loracheck.trees.model import FORMAT

ROOT = Path(__file__).parents[2]
MEMORY = 1_500_000_000
"""Address space that a run may have, in bytes."""

SECONDS = 60
"""CPU time that a run may have: some hundred times what it takes."""

BASE: dict[str, Any] = {"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"]}
QWEN = "Qwen/Qwen2.5-7B"


def adapter(**fields: Any) -> str:
    return json.dumps({**BASE, **fields})


def lock(entry: object) -> str:
    return json.dumps({"version": 1, "models": {"x/y": entry}})


def tree(**parts: Any) -> dict[str, Any]:
    plain = {"format": FORMAT, "classes": [["A", None]], "nodes": [[0, [], []]], "root": 0}
    return {**plain, "transformers": "5.23.0", **parts}


DOUBLES = [[0, [["w", [1]]], []]] + [[0, [], [["a", n], ["b", n]]] for n in range(21)]
CHAIN = [[0, [["w", [1]]], []]] + [[0, [], [["a", n]]] for n in range(1_100)]

CASES: dict[str, dict[str, str]] = {
    "revision that is a device": {
        "adapter_config.json": adapter(base_model_name_or_path="foo/bar", revision="/dev/zero")
    },
    "revision that is a program": {
        "adapter_config.json": adapter(base_model_name_or_path="foo/bar", revision="/bin/ls")
    },
    "revision that climbs": {
        "adapter_config.json": adapter(base_model_name_or_path="foo/bar", revision="../../../x")
    },
    "NUL in a model": {"adapter_config.json": adapter(base_model_name_or_path="foo/b\0ar")},
    "a share of another machine": {
        "adapter_config.json": adapter(base_model_name_or_path="\\\\host\\share\\model")
    },
    "a range of 10^9 layers": {
        "adapter_config.json": adapter(
            base_model_name_or_path=QWEN, layer_replication=[[0, 1_000_000_000]]
        )
    },
    "a range from below": {
        "adapter_config.json": adapter(
            base_model_name_or_path=QWEN, layer_replication=[[-1_000_000_000, 1_000_000_000]]
        )
    },
    "an alpha beyond floats": {"a.json": '{"r": 8, "lora_alpha": 1' + "0" * 309 + "}"},
    "a rank of 4,000 hex digits": {
        "a.yaml": f"peft_type: LORA\nr: 0x{'f' * 4000}\ntarget_modules: [q_proj]\n"
    },
    "a section misspelt": {
        "a.yaml": "llm_backbone: a/b\ntrainig:\n  lora: true\n  lora_r: 4\narchitecture: 5\n"
    },
    "a deep config.json": {
        "adapter_config.json": adapter(base_model_name_or_path="m"),
        "m/config.json": "[" * 100_000,
    },
    "architectures of a wrong type": {
        "adapter_config.json": adapter(base_model_name_or_path="m"),
        "m/config.json": '{"model_type": "nothing", "architectures": {"a": 1}}',
        "m/model.safetensors.index.json": '{"weight_map": {"a.weight": "x"}}',
    },
    "a deep weight index": {
        "adapter_config.json": adapter(base_model_name_or_path="m"),
        "m/config.json": '{"model_type": "nothing", "auto_map": {}}',
        "m/model.safetensors.index.json": json.dumps({"weight_map": {"a." * 3000 + "w": "x"}}),
    },
    "layer numbers of 5,000 digits": {
        "adapter_config.json": adapter(base_model_name_or_path="m"),
        "m/config.json": '{"model_type": "nothing"}',
        "m/model.safetensors.index.json": json.dumps(
            {"weight_map": {f"layers.{'9' * 5000}.w": "x", "layers.1.w": "x"}}
        ),
    },
    "a deep lock": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": "[" * 100_000,
    },
    "a lock that doubles": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": lock(tree(nodes=DOUBLES, root=len(DOUBLES) - 1)),
    },
    "a lock nested deep": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": lock(tree(nodes=CHAIN, root=len(CHAIN) - 1)),
    },
    "a lock whose tied modules are a number": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": lock(tree(extra={"tied_modules": 5, "tied_weights_keys": ["a"]})),
    },
    "a lock whose sizes are lists": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": lock(
            tree(
                classes=[["A", None], ["Linear", "Linear"]],
                nodes=[
                    [1, [["weight", [8, 8]]], [], {"in_features": [["x"]]}],
                    [0, [], [["q_proj", 0]]],
                ],
                root=1,
            )
        ),
    },
    "an index with empty names": {
        "adapter_config.json": adapter(base_model_name_or_path="m"),
        "m/config.json": '{"model_type": "nothing"}',
        "m/model.safetensors.index.json": json.dumps(
            {"weight_map": dict.fromkeys(["", ".", "a..b", "a", "a.b", ".weight"], "x")}
        ),
    },
    "a lock whose ties name nothing": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": lock(tree(ties=[["a.w", "b.w"]])),
    },
    "a lock whose modules have names with dots": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": lock(
            tree(
                classes=[["A", None], ["Linear", "Linear"]],
                nodes=[[1, [["weight", [8, 8]]], []], [0, [], [["q_proj", 0], ["a.b", 0]]]],
                root=1,
            )
        ),
    },
    "a lock whose modules have one name": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": lock(
            tree(
                classes=[["A", None], ["Linear", "Linear"]],
                nodes=[[1, [["weight", [8, 8]]], []], [0, [], [["q_proj", 0], ["q_proj", 0]]]],
                root=1,
            )
        ),
    },
    "a lock whose release has 5,000 digits": {
        "adapter_config.json": adapter(base_model_name_or_path="x/y"),
        "loracheck.lock": lock(tree(transformers="9" * 5000)),
    },
    "a baseline without end": {
        "a.json": adapter(),
        "loracheck.toml": 'baseline = "b.json"\n',
        "b.json": '{"version": 1, "findings": [{"path": "a", "code": "LC101", "field": null, '
        '"message": "m", "count": Infinity}]}',
    },
    "a baseline that is a device": {
        "a.json": adapter(),
        "loracheck.toml": 'baseline = "/dev/zero"\n',
    },
    "settings nested deep": {"a.json": adapter(), "loracheck.toml": f"x={'[' * 900}{']' * 900}\n"},
    "a setting of 5,000 digits": {
        "a.json": adapter(),
        "loracheck.toml": f"[rules.LC302]\nlow = 1{'0' * 5000}\n",
    },
    "a setting beyond floats": {
        "a.json": adapter(),
        "loracheck.toml": f"[rules.LC302]\nlow = 1{'0' * 309}\n",
    },
    "a glob of many stars": {
        f"{'a' * 200}.json": adapter(),
        ".gitignore": "*a" * 18 + "b\n",
        "loracheck.toml": f'exclude = ["{"*a" * 18}b"]\n',
    },
}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    return subprocess.run(
        [sys.executable, "-m", "loracheck", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        preexec_fn=limit,
        check=False,
    )


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_repository_gets_an_answer(name: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for file, text in CASES[name].items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = run(tmp_path, "check", ".")
    assert done.returncode in range(4), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stdout


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.json").write_text(adapter(base_model_name_or_path="m"))
    (tmp_path / "m").mkdir()
    for name in (".gitignore", "loracheck.lock", "m/config.json"):
        os.mkfifo(tmp_path / name)
    done = run(tmp_path, "check", ".")
    assert done.returncode in range(4) and "Traceback" not in done.stderr


def test_a_lock_is_not_written_through_a_link(tmp_path: Path) -> None:
    """Neither through a link in its place nor through one in that of a temporary file."""
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    (inside / ".git").mkdir(parents=True)
    outside.write_text("mine")
    (inside / "a.json").write_text(adapter(base_model_name_or_path=QWEN))
    for name in ("loracheck.lock", "loracheck.lock.tmp"):
        (inside / name).symlink_to(outside)
    done = run(inside, "lock", ".")
    assert done.returncode == 0, done.stderr
    assert outside.read_text() == "mine"
    assert not (inside / "loracheck.lock").is_symlink()


def test_words_of_settings_are_no_commands_of_a_ci_log(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(adapter())
    (tmp_path / "loracheck.toml").write_text('"x\\n::error::y\\u001b]0;z" = 1\n')
    done = run(tmp_path, "check", ".")
    assert done.returncode == 2
    assert not any(line.startswith("::") for line in done.stderr.splitlines())
    assert "\x1b" not in done.stderr
