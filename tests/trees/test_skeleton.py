"""`build()`: its answers, its refusals, and that nothing of the child comes out of it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from loracheck.trees.builder import BuildError, build
from loracheck.trees.child import Limits
from loracheck.trees.model import ModuleTree

LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 128,
}
needs_transformers = pytest.mark.skipif(
    find_spec("transformers") is None, reason="transformers is not installed"
)


@cache
def plain() -> ModuleTree:
    """The tree that others are held against."""
    return build(LLAMA)


def refusal(config: dict[str, Any], *heads: str, **options: Any) -> BuildError:
    with pytest.raises(BuildError) as caught:
        build(config, heads, **options)
    return caught.value


@needs_transformers
@pytest.mark.cold_start
def test_a_tree_without_torch_in_this_process() -> None:
    before = set(sys.modules)
    tree = build(LLAMA)
    assert tree.cls == "LlamaForCausalLM"
    assert tree.model_type == "llama"
    assert (tree.input_embeddings, tree.output_embeddings) == ("model.embed_tokens", "lm_head")
    node = tree.find("model.layers.2.self_attn.k_proj")
    assert node is not None
    assert node.cls == "torch.nn.modules.linear.Linear"
    assert node.parameters[0].shape == (32, 64)
    come = set(sys.modules) - before
    assert not [
        name for name in come if name.partition(".")[0] in ("torch", "transformers", "numpy")
    ]
    assert not [entry for entry in sys.path if "skeleton" in entry]


@needs_transformers
@pytest.mark.parametrize(
    ("heads", "cls"),
    [
        (["CausalLM"], "LlamaForCausalLM"),
        ([""], "LlamaModel"),
        (["Model"], "LlamaModel"),
        (["Seq2SeqLM", "TokenClassification"], "LlamaForTokenClassification"),
        (["NoSuchClass", "LlamaForQuestionAnswering"], "LlamaForQuestionAnswering"),
        (["AutoModelForCausalLM"], "LlamaForCausalLM"),
        (["AutoModel"], "LlamaModel"),
    ],
)
def test_heads_are_tried_in_order(heads: list[str], cls: str) -> None:
    assert build(LLAMA, heads).cls == cls


@needs_transformers
def test_a_float_that_json_has_not_is_read_as_transformers_writes_it() -> None:
    config = {
        "model_type": "granitemoehybrid",
        "num_hidden_layers": 1,
        "time_step_limit": [0.0, {"__float__": "Infinity"}],
    }
    assert build(config).cls == "GraniteMoeHybridForCausalLM"


@needs_transformers
def test_labels_reach_the_head() -> None:
    node = build(LLAMA, ["SequenceClassification"], num_labels=7).find("score")
    assert node is not None
    assert node.parameters[0].shape == (7, 64)


@needs_transformers
def test_a_class_of_another_model_type_that_an_auto_class_gives_is_built() -> None:
    small = {"num_hidden_layers": 1}
    config = {"model_type": "shieldgemma2", "text_config": small, "vision_config": small}
    by_auto, by_name = (
        build(config, [head]) for head in ("ImageTextToText", "Gemma3ForConditionalGeneration")
    )
    assert by_name.cls == by_auto.cls
    assert by_name.root == by_auto.root


@needs_transformers
@pytest.mark.parametrize(
    ("quantised", "method"),
    [
        ({"quant_method": "gptq", "bits": 4}, "gptq"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bitsandbytes-4bit"),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "fp8"),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "modelopt"),
        ({"quant_method": "never-heard-of"}, "never-heard-of"),
    ],
)
def test_a_quantised_checkpoint_gives_the_plain_tree(
    quantised: dict[str, Any], method: str
) -> None:
    tree = build({**LLAMA, "quantization_config": quantised})
    assert dict(tree.extra)["quantization"] == method
    assert tree.root == plain().root


@needs_transformers
@pytest.mark.parametrize(
    ("config", "heads", "kind", "words"),
    [
        ({"model_type": "no_such_model"}, [], "unknown-model-type", "no_such_model"),
        ({}, [], "unknown-model-type", "names no model_type"),
        ({"model_type": ["llama"]}, [], "unknown-model-type", "llama"),
        ({"model_type": "x", "auto_map": {"AutoModel": "m.M"}}, [], "remote-code", "is not run"),
        (LLAMA, ["ObjectDetection"], "no-such-head", "ObjectDetection"),
        (LLAMA, ["os"], "no-such-head", "os"),
        (LLAMA, ["Qwen2ForCausalLM"], "no-such-head", "Qwen2ForCausalLM"),
        ({**LLAMA, "hidden_size": -4}, [], "invalid-config", ""),
        ({**LLAMA, "num_hidden_layers": "three"}, [], "invalid-config", ""),
        ({**LLAMA, "hidden_act": "no_such_activation"}, [], "invalid-config", "no_such_activation"),
    ],
)
def test_refusals_say_why(config: dict[str, Any], heads: list[str], kind: str, words: str) -> None:
    error = refusal(config, *heads)
    assert error.kind == kind
    assert words in error.reason
    assert "\n" not in error.reason


@needs_transformers
@pytest.mark.cold_start
def test_a_checkpoints_code_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    for name in (
        "modeling_own.py",
        "configuration_own.py",
        "transformers.py",
        "torch.py",
        "json.py",
    ):
        (tmp_path / name).write_text(code)
    monkeypatch.chdir(tmp_path)
    own = {
        "auto_map": {
            "AutoConfig": "configuration_own.OwnConfig",
            "AutoModelForCausalLM": "modeling_own.Own",
        },
        "_name_or_path": str(tmp_path),
        "trust_remote_code": True,
    }
    assert refusal({**own, "model_type": "own"}).kind == "remote-code"
    assert build({**LLAMA, **own}).root == plain().root
    assert not (tmp_path / "ran").exists()


@needs_transformers
@pytest.mark.cold_start
def test_another_torch_on_the_path_is_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise SystemExit('the other torch')")
    monkeypatch.syspath_prepend(tmp_path)
    assert build(LLAMA).cls == "LlamaForCausalLM"


@needs_transformers
@pytest.mark.cold_start
def test_packages_built_on_torch_are_not_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("accelerate", "torchvision", "flash_attn", "timm", "kernels"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('imported {name}')")
        (tmp_path / f"{name}-99.0.dist-info").mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 99.0\n"
        (tmp_path / f"{name}-99.0.dist-info" / "METADATA").write_text(metadata)
    monkeypatch.syspath_prepend(tmp_path)
    assert build(LLAMA).cls == "LlamaForCausalLM"
    backbone = {"model_type": "timm_wrapper", "architecture": "resnet18"}
    assert refusal(backbone).kind == "needs-package"


@needs_transformers
@pytest.mark.cold_start
def test_a_model_too_big_to_build_is_refused_in_time() -> None:
    error = refusal({**LLAMA, "num_hidden_layers": 999}, limits=Limits(processor=1))
    assert error.kind == "out-of-time"
    assert "1 s of processor time" in error.reason


def script(folder: Path, text: str) -> str:
    """A program that says of itself that it is a Python, and otherwise does what `text` says."""
    path = folder / "python"
    told = json.dumps([str(path), []])
    path.write_text(f"#!/bin/sh\nif [ \"$2\" = -c ]; then echo '{told}'; exit; fi\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.skipif(os.name != "posix", reason="shell scripts")
@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("exec sleep 30", "out-of-time", "no answer within 0.3 s"),
        ("cat > /dev/null & sleep 0.1; echo 'went wrong' >&2; exit 3", "crash", "status 3: went"),
        ("exit 0", "crash", "status 0: nothing on standard error"),
        ("echo '[1]'", "crash", "status 0"),
        ('echo \'{"ok": true, "tree": {}}\'', "crash", "gave no tree"),
        ("kill -9 $$", "crash", "status -9"),
    ],
)
def test_a_child_that_hangs_or_crashes(tmp_path: Path, text: str, kind: str, words: str) -> None:
    wall = 0.3 if kind == "out-of-time" else 600
    error = refusal(LLAMA, python=script(tmp_path, text), limits=Limits(wall=wall))
    assert error.kind == kind
    assert words in error.reason


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    error = refusal(LLAMA, python=str(tmp_path / "python"))
    assert error.kind == "crash"
    assert "could not be started" in error.reason


def test_an_interpreter_without_transformers() -> None:
    entry = Path(__file__).parents[2] / "loracheck" / "trees" / "skeleton" / "main.py"
    request = json.dumps({"config": LLAMA, "heads": [], "num_labels": None})
    command = [sys.executable, "-S", str(entry)]
    done = subprocess.run(command, input=request, capture_output=True, text=True, check=False)
    answer = json.loads(done.stdout)
    assert (answer["ok"], answer["kind"]) == (False, "library-missing")
