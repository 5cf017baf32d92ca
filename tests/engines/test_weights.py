"""What the weights tell an engine, where the config beside them says nothing of it: adapters that
real PEFT saved, with the words taken out of their configs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes
from loracheck.trees.safetensors import read_header

from ..weights import Tensors, safetensors

pytest.importorskip("peft")

from .make_adapters import make_adapter, say_in_config

CASES: list[tuple[str, dict[str, Any], str, list[str], str]] = [
    ("plain", {}, "vllm", [], ""),
    ("plain", {}, "sglang", [], ""),
    ("plain", {}, "llama.cpp", [], ""),
    ("dora", {"use_dora": False}, "llama.cpp", ["LC502 error"], "magnitudes"),
    ("dora", {"use_dora": False}, "lmdeploy", ["LC502 error"], "magnitudes"),
    ("bias", {"bias": "none"}, "vllm", ["LC502 error"], "biases"),
    ("lora-bias", {"lora_bias": False}, "llama.cpp", ["LC502 error"], "bias of lora_B"),
    ("saved-head", {"modules_to_save": None}, "vllm", ["LC504 error"], "lm_head"),
    ("saved-head", {"modules_to_save": None}, "sglang", ["LC504 warning"], "lm_head"),
    ("saved-norm", {"modules_to_save": None}, "vllm", ["LC504 error"], "input_layernorm"),
    ("tokens", {"trainable_token_indices": None}, "llama.cpp", ["LC504 error"], "token rows"),
    ("rank-32", {"r": 8}, "vllm", ["LC501 warning"], "rank 32"),
    ("query-alone", {"target_modules": ["q_proj", "v_proj"]}, "sglang", ["LC509 error"], "without"),
    ("embedding", {"target_modules": ["q_proj", "v_proj"]}, "tgi", ["LC505 warning"], "embed_tok"),
    ("resized", {}, "vllm", ["LC504 error", "LC504 error"], "embed_tokens"),
    ("experts", {"target_parameters": None}, "sglang", ["LC506 error"], "target_parameters"),
    ("experts", {"target_parameters": None}, "tgi", ["LC506 warning"], "left out"),
    ("experts", {"target_parameters": None}, "vllm", [], ""),
    (
        "query-classifier",
        {"base_model_name_or_path": "FacebookAI/roberta-base"},
        "llama.cpp",
        ["LC504 error"],
        "classifier",
    ),
    (
        "query-classifier",
        {"base_model_name_or_path": "FacebookAI/roberta-base"},
        "vllm",
        ["LC504 error"],
        "several layers",
    ),
    ("score", {}, "vllm", [], ""),
    ("resized", {}, "llama.cpp", ["LC504 error", "LC504 error"], "save_embedding_layers=False"),
]


@pytest.mark.parametrize(
    ("name", "config", "engine", "found", "says"), CASES, ids=[f"{c[0]}-{c[2]}" for c in CASES]
)
def test_the_weights_tell(
    tmp_path: Path, name: str, config: dict[str, Any], engine: str, found: list[str], says: str
) -> None:
    make_adapter(name, tmp_path)
    say_in_config(tmp_path, **{"base_model_name_or_path": "someone/tiny", **config})
    told = spoken(tmp_path, engine)
    assert [f"{f.code} {f.severity}" for f in told] == found
    assert says in " ".join(f"{f.message} {f.help}" for f in told)


@pytest.mark.parametrize("engine", ["vllm==0.33.0", "vllm==0.12.0", "llama.cpp", "peft==0.21.2"])
def test_weights_in_several_files(tmp_path: Path, engine: str) -> None:
    make_adapter("plain", tmp_path)
    say_in_config(tmp_path, base_model_name_or_path="someone/tiny")
    assert spoken(tmp_path, engine) == []
    shard = "adapter_model-00001-of-00001.safetensors"
    (tmp_path / "adapter_model.safetensors").rename(tmp_path / shard)
    names = list(read_header(str(tmp_path / shard), 1 << 20))
    index = {"weight_map": dict.fromkeys(names, shard)}
    (tmp_path / "adapter_model.safetensors.index.json").write_text(json.dumps(index))
    told = spoken(tmp_path, engine)
    assert [f"{f.code} {f.severity}" for f in told] == ["LC502 error"]
    assert "in several files" in told[0].message


@pytest.mark.parametrize(("release", "found"), [("0.32", ["LC509 warning"]), ("0.33", [])])
def test_names_of_the_text_class_on_a_server_of_the_whole(
    tmp_path: Path, release: str, found: list[str]
) -> None:
    write(tmp_path, "Qwen/Qwen3.5-9B", "model.layers.3.self_attn")
    told = spoken(tmp_path, f"vllm=={release}")
    assert [f"{f.code} {f.severity}" for f in told] == found
    for one in told:
        assert "Qwen3_5ForConditionalGeneration" in one.message
        assert "the base model will answer" in one.message


@pytest.mark.parametrize(
    ("engine", "found"),
    [
        *((engine, ["LC502 error"]) for engine in ("vllm", "llama.cpp", "lmdeploy")),
        *((engine, ["LC503 warning"]) for engine in ("tgi", "lorax", "openvino-genai")),
    ],
)
def test_an_adapters_name_in_the_names_of_the_weights(
    tmp_path: Path, engine: str, found: list[str]
) -> None:
    write(tmp_path, "Qwen/Qwen2.5-0.5B", "model.layers.3.self_attn", ".default.weight")
    told = spoken(tmp_path, engine)
    assert [f"{f.code} {f.severity}" for f in told if "default" in f.message] == found


def test_names_under_the_language_model_match_nothing_on_tgi(tmp_path: Path) -> None:
    write(tmp_path, "Qwen/Qwen2.5-VL-7B-Instruct", "model.language_model.layers.3.self_attn")
    (one,) = spoken(tmp_path, "tgi")
    assert one.code == "LC509"
    assert "model.language_model.layers" in one.message


@pytest.mark.parametrize(
    ("release", "ids", "found"),
    [
        ("0.5.9", [151643], ["LC504 error"]),
        ("0.5.23", [151643], []),
        ("0.5.23", [151643, 151999], ["LC504 error"]),
        ("0.5.23", [], []),
    ],
)
def test_added_tokens_beside_the_adapter(
    tmp_path: Path, release: str, ids: list[int], found: list[str]
) -> None:
    write(tmp_path, "Qwen/Qwen2.5-0.5B", "model.layers.3.self_attn")
    tokens = {f"<{one}>": one for one in ids}
    (tmp_path / "added_tokens.json").write_text(json.dumps(tokens), "utf-8")
    told = spoken(tmp_path, f"sglang=={release}")
    assert [f"{f.code} {f.severity}" for f in told] == found


@pytest.mark.parametrize(
    ("release", "base", "found"),
    [
        ("0.33", {"chat_template": "{{ other }}"}, ["another"]),
        ("0.33", {"chat_template": "{{ own }}\n"}, []),
        ("0.33", {}, ["none"]),
        ("0.33", {"chat_template": [{"name": "a"}]}, []),
        ("0.33", None, []),
        ("0.10.2", {}, []),
    ],
)
def test_the_chat_template_beside_the_adapter(
    tmp_path: Path, release: str, base: dict[str, Any] | None, found: list[str]
) -> None:
    (model := tmp_path / "model").mkdir()
    if base is not None:
        (model / "tokenizer_config.json").write_text(json.dumps(base), "utf-8")
    write(tmp_path, str(model), "model.layers.3.self_attn")
    (tmp_path / "chat_template.jinja").write_text("{{ own }}", "utf-8")
    told = [one.message for one in spoken(tmp_path, f"vllm=={release}")]
    assert len(told) == len(found)
    assert all(words in message for words, message in zip(found, told, strict=True))


def test_new_tokens_of_the_tokenizer_beside_the_adapter(tmp_path: Path) -> None:
    write(tmp_path, "Qwen/Qwen2.5-0.5B", "model.layers.3.self_attn")
    tokens = {"added_tokens_decoder": {"151643": {}, "151936": {}, "151937": {}}}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(tokens), "utf-8")
    (one,) = spoken(tmp_path, "vllm")
    assert "2 tokens" in one.message
    assert spoken(tmp_path, "vllm==0.10.2") == []


@pytest.mark.parametrize(
    "engine",
    ["sglang", "tgi", "lorax", "llama.cpp", "ollama==0.33.0", "lmdeploy", "openvino-genai"],
)
def test_servers_take_the_chat_template_of_the_base_model(tmp_path: Path, engine: str) -> None:
    (model := tmp_path / "model").mkdir()
    (model / "tokenizer_config.json").write_text("{}", "utf-8")
    write(tmp_path, str(model), "model.layers.3.self_attn")
    (tmp_path / "chat_template.jinja").write_text("{{ own }}", "utf-8")
    told = [one.message for one in spoken(tmp_path, engine)]
    assert any("chat template beside the adapter is not used" in one for one in told)


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("tgi", "only safetensors files are looked for"),
        ("ollama==0.33.0", "unknown tensor format"),
        ("openvino-genai", "a pickle cannot be parsed"),
        ("vllm", None),
        ("llama.cpp", None),
    ],
)
def test_a_pickle_is_named_and_never_opened(tmp_path: Path, engine: str, said: str | None) -> None:
    write(tmp_path, "Qwen/Qwen2.5-0.5B", "model.layers.3.self_attn")
    (tmp_path / "adapter_model.safetensors").unlink()
    (tmp_path / "adapter_model.bin").write_bytes(b"cos\nsystem\n(S'echo no'\ntR.")
    errors = [one.message for one in spoken(tmp_path, engine) if "pickle" in one.message or said]
    assert any(said in one for one in errors) if said else not errors


@pytest.mark.parametrize("content", [b"", b"\xff" * 16, b"\x10" + b"\0" * 7 + b"{}"])
def test_nothing_is_yes_of_weights_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "meta-llama/Llama-3.1-8B", "model.layers.3.self_attn")
    (tmp_path / "adapter_model.safetensors").write_bytes(content)
    printed = CliRunner().invoke(cli, ["check", str(tmp_path), "--serve", "all", "--isolated"])
    assert "what the weights hold" in " ".join(printed.output.split())
    assert not [one for one in printed.output.splitlines() if one.endswith(" yes")]


@pytest.mark.parametrize("text", ["", "[1", "[]", '{"a": "b", "c": null, "d": true}', "[" * 9999])
def test_added_tokens_that_cannot_be_read_are_none(tmp_path: Path, text: str) -> None:
    write(tmp_path, "Qwen/Qwen2.5-0.5B", "model.layers.3.self_attn")
    (tmp_path / "added_tokens.json").write_text(text, "utf-8")
    assert spoken(tmp_path, "sglang") == []


def write(folder: Path, model: str, parent: str, end: str = ".weight") -> None:
    """A plain adapter of `q_proj` and `v_proj` in one layer."""
    config = {"peft_type": "LORA", "base_model_name_or_path": model, "r": 8, "lora_alpha": 16}
    targets = ["q_proj", "v_proj"]
    text = json.dumps({**config, "target_modules": targets})
    (folder / "adapter_config.json").write_text(text, "utf-8")
    tensors: Tensors = {}
    for leaf in targets:
        tensors[f"base_model.model.{parent}.{leaf}.lora_A{end}"] = ("F32", [8, 4])
        tensors[f"base_model.model.{parent}.{leaf}.lora_B{end}"] = ("F32", [4, 8])
    (folder / "adapter_model.safetensors").write_bytes(safetensors(tensors))


def spoken(folder: Path, engine: str) -> list[Any]:
    """The findings on serving."""
    job = LintSettings(select_codes(("LC5",)), serve=(engine,))
    return list(check_file(str(folder / "adapter_config.json"), "a", job).findings)
