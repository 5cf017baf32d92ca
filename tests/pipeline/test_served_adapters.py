"""An adapter of the repository that a script, a compose file, a manifest or a program has a server
take is held against that server.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes
from loracheck.trees.sources.request import TreeOptions

CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 32,
    "target_modules": ["q_proj", "v_proj"],
    "use_dora": True,
}
COMPOSE = """
services:
  vllm:
    image: vllm/vllm-openai:v0.11.0
    volumes:
      - ./adapters:/data:ro
    command: [--model, Qwen/Qwen2.5-7B, --enable-lora, --lora-modules, "sql=/data/sql",
              --max-lora-rank=16]
"""
LONG = """
services:
  server:
    image: registry.test/mine:latest
    volumes:
      - {type: bind, source: ./adapters, target: /data}
    command: >
      vllm serve Qwen/Qwen2.5-7B --enable-lora --max-lora-rank 16
      --lora-modules '{"name": "sql", "path": "/data/sql"}'
"""
MANIFEST = """
kind: Deployment
spec:
  template:
    spec:
      containers:
        - image: lmsysorg/sglang:v0.5.9
          command: [/bin/sh, -c, "python3 -m sglang.launch_server --lora-paths sql=adapters/sql"]
"""
SCRIPT = "vllm serve base --enable-lora --lora-modules sql=./adapters/sql --max-lora-rank 16\n"
ARGUMENTS = """
kind: Deployment
spec:
  template:
    spec:
      containers:
        - image: vllm/vllm-openai:v0.11.0
          command: ["/bin/sh", "-c"]
          args: ["vllm serve base --lora-modules sql=adapters/sql --max-lora-rank 16"]
"""
CONTAINER = """
docker run -it --rm --gpus='"device=0"' --ipc=host --ulimit memlock=-1 -v $(pwd):/workspace \\
  -e NCCL_P2P_DISABLE=1 vllm/vllm-openai:v0.11.0 --model /workspace/base --enable-lora \\
  --lora-modules sql=/workspace/adapters/sql --max-lora-rank 16
"""
OTHER_CONTAINER = """
sudo docker run --gpus all --shm-size 32g -v "$PWD/adapters":/loras lmsysorg/sglang:v0.5.9 \\
  python3 -m sglang.launch_server --model-path base --lora-paths sql=/loras/sql
"""
TGI = """
services:
  tgi:
    image: ghcr.io/huggingface/text-generation-inference:3.3.7
    volumes: ["./adapters:/data/adapters"]
    command: --model-id base --lora-adapters sql=/data/adapters/sql,other/one@main
"""
PROGRAM = """
from vllm import LLM
from vllm.lora.request import LoRARequest
llm = LLM(model="Qwen/Qwen2.5-7B", enable_lora=True, max_lora_rank=16)
llm.generate("x", lora_request=LoRARequest("sql", 1, "adapters/sql"))
"""

QUOTED = f"bash -c '{SCRIPT.strip()}'\n"
HERE = f"ssh host bash <<'EOF'\n{SCRIPT}EOF\n"


def write_notebook(*lines: str) -> str:
    """A notebook of one cell, a line of the file for each of its lines."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": list(lines)}
    cells = {"cells": [cell | {"execution_count": None}], "metadata": {}}
    return json.dumps(cells | {"nbformat": 4, "nbformat_minor": 5}, indent=0)


def spoken(folder: Path, name: str, text: str) -> list[str]:
    adapter = folder / "adapters" / "sql"
    adapter.mkdir(parents=True, exist_ok=True)
    (adapter / "adapter_config.json").write_text(json.dumps(CONFIG), "utf-8")
    (folder / name).write_text(text, "utf-8")
    settings = LintSettings(select_codes(("LC5",)), trees=TreeOptions())
    found = check_file(str(folder / name), name, settings).findings
    return [f"{one.span.line} {one.code} {one.message}" for one in found]


@pytest.mark.parametrize(
    ("name", "text", "engine", "line"),
    [
        ("compose.yaml", COMPOSE, "vLLM 0.11.0", 7),
        ("docker-compose.yml", LONG, "vLLM 0.33.0", 7),
        ("serve.sh", SCRIPT, "vLLM 0.33.0", 1),
        ("infer.py", PROGRAM, "vLLM 0.33.0", 5),
        ("deployment.yaml", ARGUMENTS, "vLLM 0.11.0", 9),
        ("run.sh", CONTAINER, "vLLM 0.11.0", 4),
        ("quoted.sh", QUOTED, "vLLM 0.33.0", 1),
        ("here.sh", HERE, "vLLM 0.33.0", 2),
        ("serve.ipynb", write_notebook("x = 1\n", f"!{SCRIPT}"), "vLLM 0.33.0", 9),
        ("cell.ipynb", write_notebook("%%bash\n", SCRIPT), "vLLM 0.33.0", 9),
    ],
)
def test_the_server_that_the_file_starts_is_asked(
    tmp_path: Path, name: str, text: str, engine: str, line: int
) -> None:
    rank, dora = spoken(tmp_path, name, text)
    assert rank.startswith(f"{line} LC501")
    assert f"{engine}: rank 32 is above the 16" in rank
    assert f"{engine}: DoRA is not supported" in dora
    assert "adapters/sql/adapter_config.json" in dora


@pytest.mark.parametrize(
    ("name", "text", "engine"),
    [
        ("k8s.yaml", MANIFEST, "SGLang 0.5.9"),
        ("run.sh", OTHER_CONTAINER, "SGLang 0.5.9"),
        ("compose.yaml", TGI, "text-generation-inference 3.3.7"),
    ],
)
def test_an_engine_that_leaves_the_magnitudes_out_is_asked_by_its_release(
    tmp_path: Path, name: str, text: str, engine: str
) -> None:
    found = [one for one in spoken(tmp_path, name, text) if "use_dora" in one]
    assert len(found) == 1
    assert "LC503" in found[0]
    assert f"{engine}: use_dora is not read" in found[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yaml", COMPOSE.replace("./adapters:/data", "models:/data")),
        ("compose.yaml", COMPOSE.replace("/data/sql", "/other/sql")),
        ("compose.yaml", COMPOSE.replace("./adapters:", "../adapters:")),
        ("compose.yaml", COMPOSE.replace("vllm/vllm-openai:v0.11.0", "mine/trainer")),
        ("compose.yaml", "services: {vllm: [lora]}"),
        ("k8s.yaml", MANIFEST.replace("launch_server", "check_env")),
        ("k8s.yaml", MANIFEST.replace("-c, ", "")),
        ("serve.sh", SCRIPT.replace("vllm serve", "echo vllm")),
        ("run.sh", CONTAINER.replace("vllm/vllm-openai", "mine/trainer")),
        ("run.sh", CONTAINER.replace("-v $(pwd):/workspace", "-v models:/workspace")),
        ("run.sh", CONTAINER.replace("docker run", "docker pull")),
        ("compose.yaml", TGI.replace("sql=/data/adapters/sql,", "")),
        ("quoted.sh", QUOTED.replace("bash -c", "echo")),
        ("serve.ipynb", write_notebook(f"#!{SCRIPT}")),
        ("serve.ipynb", write_notebook("!" + SCRIPT.replace("./adapters/sql", "{folder}"))),
        ("infer.py", PROGRAM.replace("enable_lora=True, ", "")),
        ("infer.py", PROGRAM.replace('"adapters/sql"', "folder")),
        ("infer.py", PROGRAM + "other = LLM(model='b', enable_lora=True)\n"),
    ],
)
def test_what_is_not_known_is_not_said(tmp_path: Path, name: str, text: str) -> None:
    assert spoken(tmp_path, name, text) == []


def test_a_release_older_than_all_that_are_known_is_judged_by_the_newest(tmp_path: Path) -> None:
    found = spoken(tmp_path, "compose.yaml", COMPOSE.replace("v0.11.0", "v0.2.0"))
    assert [one.split(":")[1].strip()[:4] for one in found] == ["vLLM", "vLLM"]


def test_a_rank_that_is_not_written_out_is_not_judged(tmp_path: Path) -> None:
    (one,) = spoken(tmp_path, "infer.py", PROGRAM.replace("max_lora_rank=16", "max_lora_rank=n"))
    assert "LC502" in one
