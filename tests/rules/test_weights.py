"""Rules on adapter weights: silent on what PEFT itself saves, loud on what PEFT cannot load."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes

from ..weights import BYTES, head

pytestmark = pytest.mark.oracle
torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")
transformers = pytest.importorskip("transformers")

SMALL = {"num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 64, "hidden_size": 32}
CONFIGS: dict[str, Callable[[], Any]] = {
    "qwen2": lambda: transformers.Qwen2Config(
        **SMALL, intermediate_size=48, num_hidden_layers=2, tie_word_embeddings=False
    ),
    "mixtral": lambda: transformers.MixtralConfig(
        **SMALL, intermediate_size=48, num_hidden_layers=2, num_local_experts=4
    ),
    "gpt2": lambda: transformers.GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=64),
}
QV = {"target_modules": ["q_proj", "v_proj"]}
SAVED: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("qwen2", QV),
    "all": ("qwen2", {"target_modules": "all-linear"}),
    "regex": ("qwen2", {"target_modules": r".*layers\.1\..*_proj"}),
    "ends": ("qwen2", {"target_modules": ["q_proj", "embed_tokens", "lm_head"]}),
    "saved": ("qwen2", {**QV, "modules_to_save": ["embed_tokens", "lm_head"]}),
    "norm": ("qwen2", {**QV, "modules_to_save": ["norm"]}),
    "tokens": ("qwen2", {**QV, "trainable_token_indices": [1, 2]}),
    "dora": ("qwen2", {**QV, "use_dora": True}),
    "lora-bias": ("qwen2", {**QV, "lora_bias": True}),
    "bias": ("qwen2", {**QV, "bias": "all"}),
    "ranks": ("qwen2", {**QV, "rank_pattern": {"v_proj": 4}, "layers_to_transform": [0]}),
    "pissa": ("qwen2", {**QV, "init_lora_weights": "pissa"}),
    "parameters": ("mixtral", {**QV, "target_parameters": ["mlp.experts.gate_up_proj"]}),
    "two parameters": (
        "mixtral",
        {**QV, "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]},
    ),
    "conv1d": ("gpt2", {"target_modules": ["c_attn", "c_proj"], "fan_in_fan_out": True}),
}


def model(name: str) -> Any:
    return transformers.AutoModelForCausalLM.from_config(CONFIGS[name]())


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders with the config.json of each base model."""
    folder = tmp_path_factory.mktemp("bases")
    for name, config in CONFIGS.items():
        made = config()
        made.architectures = [type(model(name)).__name__]
        made.save_pretrained(folder / name)
    return folder


def save(name: str, options: dict[str, Any], bases: Path, folder: Path) -> Path:
    """An adapter as PEFT saves it; gives its config file."""
    wrapped = peft.get_peft_model(model(name), peft.LoraConfig(**options))
    wrapped.save_pretrained(folder)
    file = folder / "adapter_config.json"
    written = json.loads(file.read_text())
    file.write_text(json.dumps({**written, "base_model_name_or_path": str(bases / name)}))
    return file


def found(file: Path) -> list[str]:
    outcome = check_file(str(file), file.name, LintSettings(select_codes(("LC6",))))
    assert all(setting.judged for setting in outcome.settings)
    return [finding.code for finding in outcome.findings]


@pytest.mark.parametrize("case", SAVED)
def test_nothing_is_said_of_what_peft_saves(case: str, bases: Path, tmp_path: Path) -> None:
    assert found(save(*SAVED[case], bases, tmp_path)) == []


def edit(file: Path, **fields: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))


def tensors(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return dict(load_file(str(folder / "adapter_model.safetensors")))


def rewrite(folder: Path, changed: dict[str, Any]) -> None:
    from safetensors.torch import save_file

    save_file(changed, str(folder / "adapter_model.safetensors"))


def test_a_rank_that_was_edited_is_found_and_peft_refuses_it(bases: Path, tmp_path: Path) -> None:
    file = save("qwen2", QV, bases, tmp_path)
    edit(file, r=16)
    assert found(file) == ["LC603"]
    with pytest.raises(RuntimeError, match="size mismatch"):
        peft.PeftModel.from_pretrained(model("qwen2"), tmp_path)


def test_one_rank_of_a_pattern_that_was_lost_is_found(bases: Path, tmp_path: Path) -> None:
    file = save("qwen2", {**QV, "rank_pattern": {"v_proj": 4}}, bases, tmp_path)
    edit(file, rank_pattern={})
    assert found(file) == ["LC603"]


def test_another_base_model_is_found_and_peft_refuses_it(bases: Path, tmp_path: Path) -> None:
    file = save("qwen2", QV, bases, tmp_path)
    wide = transformers.Qwen2Config(**{**SMALL, "hidden_size": 64}, num_hidden_layers=2)
    wide.architectures = ["Qwen2ForCausalLM"]
    wide.save_pretrained(tmp_path / "wide")
    edit(file, base_model_name_or_path=str(tmp_path / "wide"))
    assert found(file) == ["LC606"]
    with pytest.raises(RuntimeError, match="size mismatch"):
        peft.PeftModel.from_pretrained(
            transformers.AutoModelForCausalLM.from_config(wide), tmp_path
        )


def test_targets_that_were_edited_are_found_both_ways(bases: Path, tmp_path: Path) -> None:
    file = save("qwen2", QV, bases, tmp_path)
    edit(file, target_modules=["q_proj", "k_proj"])
    assert found(file) == ["LC604", "LC604"]


def test_a_module_that_is_no_longer_there_is_found(bases: Path, tmp_path: Path) -> None:
    file = save("qwen2", {**QV, "modules_to_save": ["lm_head"]}, bases, tmp_path)
    rewrite(tmp_path, {k: v for k, v in tensors(tmp_path).items() if "lm_head" not in k})
    assert found(file) == ["LC604"]


def test_half_a_layer_and_empty_layers_are_found(bases: Path, tmp_path: Path) -> None:
    file = save("qwen2", QV, bases, tmp_path)
    whole = tensors(tmp_path)
    rewrite(tmp_path, {k: v for k, v in whole.items() if "0.self_attn.q_proj.lora_B" not in k})
    assert found(file) == ["LC605"]
    rewrite(tmp_path, {k: torch.zeros(0) for k in whole})
    assert found(file) == ["LC605"]
    rewrite(tmp_path, {})
    assert found(file) == ["LC605"]


def test_a_vocabulary_that_grew_is_found_and_peft_refuses_it(bases: Path, tmp_path: Path) -> None:
    grown = model("qwen2")
    grown.resize_token_embeddings(70)
    options = {**QV, "modules_to_save": ["embed_tokens", "lm_head"]}
    peft.get_peft_model(grown, peft.LoraConfig(**options)).save_pretrained(tmp_path)
    file = tmp_path / "adapter_config.json"
    edit(file, base_model_name_or_path=str(bases / "qwen2"))
    assert found(file) == ["LC607", "LC607"]
    with pytest.raises(RuntimeError, match="size mismatch"):
        peft.PeftModel.from_pretrained(model("qwen2"), tmp_path)


def test_names_without_the_prefix_are_found_and_change_nothing_in_peft(
    bases: Path, tmp_path: Path
) -> None:
    file = save("qwen2", QV, bases, tmp_path)
    ones = {k: torch.ones_like(v) for k, v in tensors(tmp_path).items()}
    rewrite(tmp_path, {k.removeprefix("base_model.model."): v for k, v in ones.items()})
    assert found(file) == ["LC608"]
    with pytest.warns(UserWarning, match="missing adapter keys"):
        loaded = peft.PeftModel.from_pretrained(model("qwen2"), tmp_path)
    assert all((half == 0).all() for half in halves(loaded))


def test_an_adapter_s_name_in_the_names_is_a_note_and_peft_takes_it(
    bases: Path, tmp_path: Path
) -> None:
    file = save("qwen2", QV, bases, tmp_path)
    ones = {k: torch.ones_like(v) for k, v in tensors(tmp_path).items()}
    rewrite(tmp_path, {k.replace(".weight", ".default.weight"): v for k, v in ones.items()})
    assert found(file) == ["LC608"]
    loaded = peft.PeftModel.from_pretrained(model("qwen2"), tmp_path)
    assert all((half == 1).all() for half in halves(loaded))


def halves(loaded: Any) -> list[Any]:
    found = [p for n, p in loaded.named_parameters() if "lora_B" in n]
    assert found
    return found


def test_weights_without_a_known_model_are_held_against_the_config(tmp_path: Path) -> None:
    name = "base_model.model.layers.0.q_proj.lora_A.weight"
    header, size = head({name: ("F32", [16, 4]), name.replace("_A", "_B"): ("F32", [4, 16])})
    (tmp_path / "adapter_model.safetensors").write_bytes(header + bytes(size))
    file = tmp_path / "adapter_config.json"
    file.write_text(json.dumps({"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"]}))
    codes = [
        f.code for f in check_file(str(file), "a", LintSettings(select_codes(("LC6",)))).findings
    ]
    assert codes == ["LC603"]
    assert set(BYTES) >= {"F32", "I8"}


SHARDS = {
    "adapter_model-00001-of-00002.safetensors": ["q_proj.lora_A", "q_proj.lora_B"],
    "adapter_model-00002-of-00002.safetensors": ["v_proj.lora_A", "v_proj.lora_B"],
}


def write_shards(folder: Path, index: object = None) -> Path:
    """An adapter of rank 4 in two files, whose config says 8."""
    weight_map = {}
    for file, names in SHARDS.items():
        full = [f"base_model.model.model.layers.0.self_attn.{name}.weight" for name in names]
        weight_map.update(dict.fromkeys(full, file))
        shapes = {name: ("F32", [4, 8] if "_A" in name else [8, 4]) for name in full}
        header, size = head(shapes)
        (folder / file).write_bytes(header + bytes(size))
    kept = {"weight_map": weight_map} if index is None else index
    (folder / "adapter_model.safetensors.index.json").write_text(json.dumps(kept), "utf-8")
    config = folder / "adapter_config.json"
    config.write_text(
        json.dumps({"peft_type": "LORA", "r": 8, "target_modules": ["q_proj", "v_proj"]}), "utf-8"
    )
    return config


def spoken(config: Path) -> list[str]:
    job = LintSettings(select_codes(("LC6",)))
    return [f"{one.code} {one.message}" for one in check_file(str(config), "a", job).findings]


def test_weights_in_several_files_are_read_through_their_index(tmp_path: Path) -> None:
    assert spoken(write_shards(tmp_path)) == [
        "LC603 the weights have rank 4, and the config gives 8"
    ]


def test_a_missing_file_of_several_is_named(tmp_path: Path) -> None:
    config = write_shards(tmp_path)
    (tmp_path / "adapter_model-00002-of-00002.safetensors").unlink()
    (found,) = spoken(config)
    assert found.startswith("LC601 adapter_model-00002-of-00002.safetensors cannot be read")


@pytest.mark.parametrize(
    "index",
    [[], {}, {"weight_map": {"a": "../b"}}, {"weight_map": {"a": 1}}, {"weight_map": {"a": ""}}],
)
def test_an_index_of_no_files_beside_it_is_unreadable(tmp_path: Path, index: object) -> None:
    (found,) = spoken(write_shards(tmp_path, index))
    assert found.startswith("LC601 adapter_model.safetensors.index.json lists")
