"""The real PEFT as the judge: `print_trainable_parameters`, and the file that it saves."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

import pytest

from loracheck.plan.result.adapter_size import MIXED

pytest.importorskip("torch")
pytest.importorskip("peft")

import torch
import transformers
from peft import LoraConfig, get_peft_model
from safetensors import safe_open
from transformers import AutoConfig

from bench.oracle import models
from bench.oracle.plan_side import build_tree
from loracheck.explain.model.first_config import write_first_config
from loracheck.explain.numbers.base_weights import count_parameters
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request
from tests.shared import FOLDER, needs

from .build import JOB, effect_on

if TYPE_CHECKING:
    from pathlib import Path

    from loracheck.explain.file.impact import Impact

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning"),
]

TINY = [
    *("llama/CausalLM", "qwen2/CausalLM", "qwen3/CausalLM", "mistral/CausalLM", "gemma2/CausalLM"),
    *("phi3/CausalLM", "phi/CausalLM", "gpt2/CausalLM", "gpt_neox/CausalLM", "falcon/CausalLM"),
    *("mixtral/CausalLM", "qwen3_moe/CausalLM", "bloom/CausalLM", "opt/CausalLM"),
    *("bert/SequenceClassification", "t5/Seq2SeqLM", "llama/SequenceClassification"),
    *("qwen2_vl/ImageTextToText", "llava/ImageTextToText", "whisper/SpeechSeq2Seq"),
]
CONFIGS: list[dict[str, Any]] = [
    {"target_modules": "all-linear", "r": 8, "lora_alpha": 16},
    {"target_modules": "all-linear", "r": 4, "bias": "all", "use_rslora": True},
    {"target_modules": "all-linear", "r": 4, "bias": "lora_only", "use_dora": True},
    {"target_modules": "all-linear", "layers_to_transform": None, "rank_pattern": {".*0.*": 2}},
]
REAL = [
    *("Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen3-0.6B", "google/gemma-2-2b", "openai-community/gpt2"),
    *("TinyLlama/TinyLlama-1.1B-Chat-v1.0", "meta-llama/Llama-3.2-1B", "microsoft/phi-4"),
    *("mistralai/Mistral-7B-v0.1", "bigcode/starcoder2-7b", "allenai/OLMo-2-1124-7B"),
    *("google-bert/bert-base-uncased", "openai/gpt-oss-20b"),
]


def on_meta(name: str, cls: str) -> Any:
    """The real model of a checkpoint's config, without weights."""
    path = FOLDER / "model_configs" / name.replace("/", "__")
    file = next((p for p in (path / "config.json", path) if p.is_file()), None)
    if file is None:
        pytest.skip(f"no config of {name}")
    with torch.device("meta"):
        return getattr(transformers, cls)(AutoConfig.from_pretrained(file))


def wrapped(model: Any, config: dict[str, Any]) -> Any:
    return get_peft_model(model, LoraConfig(**json.loads(json.dumps(config))))


def agrees(found: Impact, model: Any) -> None:
    """The counts are PEFT's, and the rows and what trains beside them add up to the same."""
    trainable, total = model.get_nb_trainable_parameters()
    assert (found.trainable, found.total) == (trainable, total)
    assert found.targeted == len(model.base_model.targeted_module_names) + len(
        getattr(model.base_model, "targeted_parameter_names", [])
    )


@pytest.mark.parametrize("number", range(len(CONFIGS)))
@pytest.mark.parametrize("spec", TINY)
def test_counts_are_peft_s(spec: str, number: int) -> None:
    config = CONFIGS[number]
    model = models.build(spec)
    tree = build_tree(model)
    found = effect_on(tree, **config)
    if found.refusal is not None:
        with pytest.raises((ValueError, TypeError, NotImplementedError)):
            wrapped(model, config)
        return
    agrees(found, wrapped(model, config))


@needs("model_configs")
@pytest.mark.parametrize("name", REAL)
def test_counts_of_real_checkpoints_are_peft_s(name: str) -> None:
    tree = resolve(Request(name)).tree
    assert tree is not None, "not bundled"
    model = on_meta(name, str(tree.cls))
    lora = LoraConfig(target_modules="all-linear", r=16)
    found = effect_on(tree, target_modules="all-linear", r=16)
    agrees(found, get_peft_model(model, lora, low_cpu_mem_usage=True))


@needs("model_configs")
@pytest.mark.parametrize("name", REAL[:6])
def test_the_script_that_init_writes_trains_what_it_says(name: str) -> None:
    tree = resolve(Request(name)).tree
    assert tree is not None
    text = write_first_config(name, tree, "peft", JOB).text
    (call,) = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LoraConfig"
    )
    values = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    model = get_peft_model(on_meta(name, str(tree.cls)), LoraConfig(**values))
    trainable, _ = model.get_nb_trainable_parameters()
    assert f"this one trains {trainable:,} parameters" in text


SAVED: list[tuple[str, dict[str, Any]]] = [
    ("llama/CausalLM", {"target_modules": ["q_proj", "v_proj"], "r": 4}),
    ("llama/CausalLM", {"target_modules": ["q_proj", "embed_tokens"], "r": 4}),
    ("llama/CausalLM", {"target_modules": ["lm_head", "embed_tokens", "q_proj"], "r": 4}),
    ("llama/CausalLM", {"target_modules": r".*(q_proj|embed_tokens)", "r": 4}),
    ("llama/CausalLM", {"target_modules": "all-linear", "modules_to_save": ["lm_head"]}),
    ("llama/CausalLM", {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens", "norm"]}),
    ("llama/CausalLM", {"target_modules": ["q_proj"], "trainable_token_indices": [1, 5]}),
    (
        "llama/CausalLM",
        {"target_modules": ["q_proj", "lm_head"], "trainable_token_indices": {"embed_tokens": [1]}},
    ),
    ("llama/CausalLM", {"target_modules": ["q_proj"], "use_dora": True, "lora_bias": False}),
    ("qwen2/CausalLM", {"target_modules": ["q_proj", "o_proj"], "bias": "lora_only"}),
    ("qwen2/CausalLM", {"target_modules": ["o_proj"], "bias": "all"}),
    ("qwen2/CausalLM", {"target_modules": ["q_proj"], "lora_bias": True}),
    ("gpt2/CausalLM", {"target_modules": ["c_attn", "wte"], "r": 4}),
    ("gpt2/CausalLM", {"target_modules": ["c_attn"], "modules_to_save": ["lm_head", "wte"]}),
    ("bert/SequenceClassification", {"target_modules": ["query"], "task_type": "SEQ_CLS"}),
    (
        "bert/SequenceClassification",
        {"target_modules": ["query"], "task_type": "SEQ_CLS", "bias": "all"},
    ),
    (
        "bert/SequenceClassification",
        {"target_modules": ["query"], "modules_to_save": ["pooler"], "bias": "all"},
    ),
    ("opt/CausalLM", {"target_modules": ["q_proj"], "bias": "all"}),
    ("gemma2/CausalLM", {"target_modules": ["q_proj", "embed_tokens"], "r": 4}),
    ("t5/Seq2SeqLM", {"target_modules": ["q", "v"], "task_type": "SEQ_2_SEQ_LM"}),
    (
        "gemma2/CausalLM",
        {"target_modules": ["q_proj", "embed_tokens", "lm_head"], "ensure_weight_tying": True},
    ),
    (
        "gemma2/CausalLM",
        {
            "target_modules": ["q_proj"],
            "modules_to_save": ["embed_tokens"],
            "ensure_weight_tying": True,
        },
    ),
    (
        "gemma2/CausalLM",
        {
            "target_modules": ["q_proj"],
            "trainable_token_indices": {"embed_tokens": [1, 2], "lm_head": [1, 2]},
        },
    ),
    ("llama/CausalLM", {"target_modules": ["q_proj"], "layer_replication": [[0, 2], [1, 3]]}),
    ("mixtral/CausalLM", {"target_modules": "all-linear", "r": 4}),
]


@pytest.mark.parametrize(("spec", "config"), SAVED)
def test_the_saved_file_is_as_large_as_told(
    spec: str, config: dict[str, Any], tmp_path: Path
) -> None:
    model = models.build(spec)
    found = effect_on(build_tree(model), **config)
    assert found.refusal is None
    assert found.disk is not None
    wrapped(model, config).save_pretrained(tmp_path)
    with safe_open(tmp_path / "adapter_model.safetensors", "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert found.disk.parameters == sum(tensor.numel() for tensor in tensors.values())
    size = (tmp_path / "adapter_model.safetensors").stat().st_size
    header = 8 + int.from_bytes((tmp_path / "adapter_model.safetensors").read_bytes()[:8], "little")
    assert found.disk.bytes["float32"] == size - header


NARROW = [one for one in SAVED if one[0] in ("bert/SequenceClassification", "gpt2/CausalLM")]


@pytest.mark.parametrize(("spec", "config"), NARROW)
def test_the_saved_file_of_a_base_in_sixteen_bits(
    spec: str, config: dict[str, Any], tmp_path: Path
) -> None:
    model = models.build(spec).to(torch.bfloat16)
    found = effect_on(build_tree(model), **config)
    assert found.disk is not None
    wrapped(model, config).save_pretrained(tmp_path)
    with safe_open(tmp_path / "adapter_model.safetensors", "pt") as file:
        tensors = [file.get_tensor(name) for name in file.keys()]  # noqa: SIM118
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    assert found.disk.bytes.get(MIXED, found.disk.bytes["float32"]) == size


@pytest.mark.parametrize("spec", TINY)
def test_what_bitsandbytes_would_quantise_is_as_told(spec: str) -> None:
    """transformers' own choice of modules, as `replace_with_bnb_linear` makes it."""
    from transformers.pytorch_utils import Conv1D
    from transformers.quantizers.base import get_keys_to_not_convert
    from transformers.quantizers.quantizers_utils import should_convert_module

    model = models.build(spec)
    left = get_keys_to_not_convert(model)
    chosen = [
        module
        for name, module in model.named_modules()
        if should_convert_module(name, left)
        and (type(module) is torch.nn.Linear or isinstance(module, Conv1D))
    ]
    told = count_parameters(build_tree(model))
    assert told.linear == sum(module.weight.numel() for module in chosen)
    assert told.total == sum(parameter.numel() for parameter in model.parameters())
