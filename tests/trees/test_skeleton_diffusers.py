"""Models of diffusers: their trees are those of real torch, and nothing but a model is built."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from loracheck.trees.builder import BuildError, build
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request
from tests.shares import take_share

from .harness import compare_builds
from .hub_server import TINY_FLUX as TINY

ROOT = Path(__file__).parents[2]
SKELETON = ROOT / "loracheck" / "trees" / "skeleton"
CLASSES = """
AllegroTransformer3DModel AuraFlowTransformer2DModel AutoencoderKL ChromaTransformer2DModel
CogView4Transformer2DModel CogVideoXTransformer3DModel ControlNetModel CosmosTransformer3DModel
DiTTransformer2DModel EasyAnimateTransformer3DModel Flux2Transformer2DModel FluxControlNetModel
FluxTransformer2DModel HiDreamImageTransformer2DModel HunyuanDiT2DModel
HunyuanVideo15Transformer3DModel HunyuanVideoTransformer3DModel
Kandinsky5Transformer3DModel LTX2VideoTransformer3DModel
LTXVideoTransformer3DModel LatteTransformer3DModel Lumina2Transformer2DModel LuminaNextDiT2DModel
MochiTransformer3DModel OmniGenTransformer2DModel PixArtTransformer2DModel PriorTransformer
QwenImageTransformer2DModel SD3Transformer2DModel SanaTransformer2DModel StableCascadeUNet
T2IAdapter Transformer2DModel UNet2DConditionModel UNet2DModel UNetMotionModel
UNetSpatioTemporalConditionModel VQModel WanTransformer3DModel WanVACETransformer3DModel
ZImageTransformer2DModel
"""
pytestmark = pytest.mark.skipif(find_spec("diffusers") is None, reason="diffusers is not installed")


@pytest.mark.oracle
@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_default_and_varied_trees_are_equal(tmp_path: Path) -> None:
    classes = take_share(CLASSES.split(), 6)
    table = compare_builds(tmp_path, "diffusers", classes)
    assert table.lines == []
    assert table.counts["defaults", "equal"] == len(classes)
    assert table.counts["variations", "equal"] >= len(classes) // 2


def test_a_tree_names_its_library() -> None:
    tree = build(TINY, library="diffusers")
    assert (tree.cls, tree.library, tree.model_type) == (TINY["_class_name"], "diffusers", None)
    assert tree.transformers is None and not tree.pretrained
    node = tree.find("single_transformer_blocks.2.attn.to_q")
    assert node is not None
    assert node.parameters[0].shape == (16, 16)


def refusal(config: dict[str, Any], *heads: str) -> BuildError:
    with pytest.raises(BuildError) as caught:
        build(config, heads, library="diffusers")
    return caught.value


@pytest.mark.parametrize(
    ("config", "kind", "words"),
    [
        ({"_class_name": "FluxPipeline"}, "unknown-model-type", "'FluxPipeline'"),
        ({"_class_name": "DDIMScheduler"}, "unknown-model-type", "'DDIMScheduler'"),
        ({"_class_name": "ModelMixin"}, "unknown-model-type", "'ModelMixin'"),
        ({"_class_name": "transformers"}, "unknown-model-type", "'transformers'"),
        ({"_class_name": "os.system"}, "unknown-model-type", "'os.system'"),
        ({"_class_name": ["FluxTransformer2DModel"]}, "unknown-model-type", "no model class"),
        ({}, "unknown-model-type", "None"),
        ({"_class_name": "Own", "auto_map": {"AutoModel": "m.Own"}}, "remote-code", "is not run"),
        ({"_class_name": "AutoencoderRAE"}, "needs-package", "parts of transformers"),
        ({**TINY, "num_layers": "two"}, "invalid-config", "TypeError"),
        ({**TINY, "num_layers": 1_000_000_000}, "too-large", "num_layers"),
        (
            {"_class_name": "UNet2DConditionModel", "act_fn": "../evil"},
            "not-allowed",
            "act_fn names a place elsewhere",
        ),
    ],
)
def test_refusals_say_why(config: dict[str, Any], kind: str, words: str) -> None:
    error = refusal(config)
    assert error.kind == kind, error
    assert words in error.reason


def test_only_the_constructors_own_arguments_reach_it() -> None:
    more = {
        "_name_or_path": "owner/model",
        "of_no_use": "../x",
        "_use_default_values": ["num_layers"],
    }
    assert (
        build({**TINY, **more}, library="diffusers").root == build(TINY, library="diffusers").root
    )


def test_a_quantised_checkpoint_gives_the_plain_tree() -> None:
    quantised = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    tree = build({**TINY, "quantization_config": quantised}, library="diffusers")
    assert dict(tree.extra)["quantization"] == "bitsandbytes-4bit"
    assert tree.root == build(TINY, library="diffusers").root


def test_a_class_that_is_asked_for_goes_before_the_configs_own() -> None:
    config = {"_class_name": "UNet2DModel", "norm_num_groups": 8}
    assert build(config, ["CausalLM"], library="diffusers").cls == "UNet2DModel"
    assert build(TINY, ["FluxControlNetModel"], library="diffusers").cls == "FluxControlNetModel"


DOORS = """
import sys
sys.path.insert(0, {skeleton!r})
from importlib import import_module
import_module("hidden").hide("diffusers")
import_module("construct_diffusers").prepare()
import diffusers
from diffusers.utils import dynamic_modules_utils as code
NotAllowed = import_module("sandbox.refusal").NotAllowedError
for call in (
    lambda: diffusers.FluxTransformer2DModel.load_config({folder!r}),
    lambda: diffusers.FluxTransformer2DModel.from_pretrained({folder!r}),
    lambda: diffusers.AutoModel.from_pretrained({folder!r}, trust_remote_code=True),
    lambda: code.get_class_from_dynamic_module({folder!r}, "own.py", "Own"),
):
    try:
        call()
    except NotAllowed as error:
        print(error)
"""


def test_the_librarys_own_loaders_are_shut(tmp_path: Path) -> None:
    own = {"_class_name": "Own", "auto_map": {"AutoModel": "own.Own"}}
    (tmp_path / "config.json").write_text(json.dumps(own))
    (tmp_path / "own.py").write_text("print('RAN')\nclass Own: pass\n")
    script = DOORS.format(skeleton=str(SKELETON), folder=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "RAN" not in done.stdout
    told = done.stdout.splitlines()
    assert len(told) == 4, (done.stdout, done.stderr)
    assert all("which a build is not allowed" in line for line in told)


def test_a_folder_with_such_a_config_is_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORACHECK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "config.json").write_text(json.dumps(TINY))
    first, second = resolve(Request(str(tmp_path))), resolve(Request(str(tmp_path)))
    assert first.tree is not None and second.tree == first.tree
    assert first.source == f"built from config.json of {tmp_path} ({first.tree.built_by})"
    assert first.tree.built_by.startswith("diffusers ")
    assert first.release is None
    wrong = resolve(Request(str(tmp_path), library="transformers"))
    assert wrong.tree is None


def test_the_commands_show_it(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(TINY))
    setting = {"peft_type": "LORA", "target_modules": ["to_q", "q_proj"], "r": 8, "lora_alpha": 8}
    (tmp_path / "lora.json").write_text(json.dumps(setting))
    for command, words in (
        (("tree", "."), "FluxTransformer2DModel, diffusers "),
        (("check", "lora.json", "--model", "."), "`q_proj` matches no module"),
        (("explain", "lora.json", "--model", "."), "LoRA reaches 5 of "),
        (("explain", "."), "FluxTransformer2DModel\n"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "loracheck", *command],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "LORACHECK_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert words in done.stdout, done.stdout + done.stderr
        assert "None" not in done.stdout and "tokens per sequence" not in done.stdout


@pytest.mark.oracle
@pytest.mark.skipif(
    find_spec("torch") is None or find_spec("peft") is None, reason="torch or peft is absent"
)
def test_without_targets_pefts_own_error_is_told() -> None:
    import diffusers
    import torch
    from peft import LoraConfig

    from loracheck.plan import plan

    with torch.device("meta"):
        model = diffusers.FluxTransformer2DModel.from_config(TINY)
    with pytest.raises(KeyError) as caught:
        model.add_adapter(LoraConfig(r=8))
    error = plan({"r": 8}, build(TINY, library="diffusers")).error
    assert error is not None
    assert (error.exception, error.message) == ("KeyError", str(caught.value))
