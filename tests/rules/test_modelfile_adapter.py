"""LC732 on folders: what Ollama finds in them; and which model a name means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loracheck import check
from loracheck.rules.support.ollama_models import name_model

ADAPTER = {
    "peft_type": "LORA",
    "base_model_name_or_path": "meta-llama/Llama-3.1-8B-Instruct",
    "r": 8,
    "lora_alpha": 16,
    "target_modules": ["v_proj", "o_proj"],
}


def find(folder: Path, *names: str, modelfile: str = "FROM llama3.1:8b\nADAPTER ./style\n") -> str:
    """What LC732 says of a Modelfile beside a folder with files of these names."""
    style = folder / "style"
    style.mkdir()
    for name in names:
        text = json.dumps(ADAPTER) if name == "adapter_config.json" else ""
        (style / name).write_text(text, "utf-8")
    (folder / "Modelfile").write_text(modelfile, "utf-8")
    report = check(folder / "Modelfile")
    return "\n".join(one.message for one in report.findings if one.code == "LC732")


def test_the_weights_of_peft_are_not_found(tmp_path: Path) -> None:
    said = find(tmp_path, "adapter_config.json", "adapter_model.safetensors")
    assert "look for model*.safetensors in `./style`" in said


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("adapter_config.json",),
        ("adapter_config.json", "model.safetensors"),
        ("adapter_config.json", "adapter_model.safetensors", "style-f16.gguf"),
        ("style-f16.gguf",),
    ],
)
def test_folders_that_ollama_reads_or_that_are_not_ready(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    assert find(tmp_path, *names) == ""


def test_a_comment_suppresses(tmp_path: Path) -> None:
    text = "FROM llama3.1\n# loracheck: ignore[LC732]\nADAPTER ./style/adapter_model.safetensors\n"
    assert find(tmp_path, modelfile=text) == ""


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("meta-llama/Meta-Llama-3-8B", "llama3:8b"),
        ("meta-llama/Llama-2-7b-chat-hf", "llama2:7b"),
        ("google/gemma-2b-it", "gemma:2b"),
        ("google/gemma-2-2b", "gemma2:2b"),
        ("Qwen/Qwen2.5-0.5B-Instruct", "qwen2.5:0.5b"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "mistral:7b"),
        ("hf.co/unsloth/Llama-3.2-1B-Instruct-GGUF:Q4_K_M", "llama3.2:1b"),
        ("llama3.2:1b-instruct-q4_0", "llama3.2:1b"),
        ("qwen2.5:latest", "qwen2.5"),
    ],
)
def test_names_that_mean_one_model(name: str, tag: str) -> None:
    model = name_model(name)
    assert model is not None and model.tag == tag


@pytest.mark.parametrize(
    "name",
    [
        "deepseek-r1:8b",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
        "Qwen/Qwen2.5-Coder-7B",
        "Qwen/Qwen2.5-VL-7B-Instruct",
        "./Meta-Llama-3-8B",
        "codellama:7b",
        "NousResearch/Hermes-2-Pro-Llama-3-8B",
    ],
)
def test_names_that_may_mean_another(name: str) -> None:
    assert name_model(name) is None
