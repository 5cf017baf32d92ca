"""Text encoders of pipelines by the names of their classes."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes
from loracheck.trees.builder import build
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request
from tests.trees.test_text_encoders import BIG_G, CLIP_L

SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
T5 = {
    "architectures": ["T5EncoderModel"],
    "model_type": "t5",
    "feed_forward_proj": "gated-gelu",
    "num_layers": 2,
}
JOB = LintSettings(select_codes(("ALL",)))


def list_linear_names(model: str, part: str) -> set[str]:
    tree = resolve(Request(model, part=part, names_do=True)).tree
    assert tree is not None and tree.partial
    return {one.name for one in tree.modules() if one.node.kind == "Linear"}


@pytest.mark.skipif(find_spec("transformers") is None, reason="no transformers here")
@pytest.mark.parametrize(
    ("model", "part", "config"),
    [
        (SDXL, "text_encoder", CLIP_L),
        (SDXL, "text_encoder_2", BIG_G),
        ("black-forest-labs/FLUX.1-dev", "text_encoder_2", T5),
    ],
)
def test_every_layer_of_the_encoder_is_named(
    model: str, part: str, config: dict[str, object]
) -> None:
    own = {one.name for one in build(config).modules() if one.node.kind == "Linear"}
    assert own and own <= list_linear_names(model, part)


def check(call: str) -> list[tuple[str, str]]:
    text = f"""
from diffusers import DiffusionPipeline, StableDiffusionXLPipeline, KolorsPipeline
from peft import LoraConfig
pipe = StableDiffusionXLPipeline.from_pretrained("{SDXL}")
kolors = KolorsPipeline.from_pretrained("Kwai-Kolors/Kolors-diffusers")
{call}
"""
    findings = check_file("train.py", "train.py", JOB, text).findings
    # LC164 is about the releases that are installed here.
    return [(one.code, one.message) for one in findings if one.code != "LC164"]


def test_a_unets_names_are_none_of_a_text_encoder() -> None:
    config = 'LoraConfig(r=16, lora_alpha=16, target_modules=["to_q", "to_k"])'
    assert [code for code, _ in check(f"pipe.text_encoder.add_adapter({config})")] == ["LC201"]


def test_numbers_of_layers_and_sizes_are_not_judged() -> None:
    config = 'LoraConfig(r=16, lora_alpha=16, layers_to_transform=[31], target_modules=["q_proj"])'
    assert check(f"pipe.text_encoder_2.add_adapter({config})") == []


def test_kolors_encoder_is_no_model_of_transformers() -> None:
    config = 'LoraConfig(r=16, lora_alpha=16, target_modules=["query_key_value"])'
    ((code, message),) = check(f"kolors.text_encoder.add_adapter({config})")
    assert code == "LC003" and "ChatGLMModel" in message
