"""`loracheck init`: what it writes passes its own checks, for models of all kinds and all tools."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.documents import read
from loracheck.explain.model.first_config import infer_task, write_first_config
from loracheck.explain.model.first_diffusion_config import write_first_diffusion_config
from loracheck.explain.write import DIFFUSION_TOOLS, WRITABLE_TOOLS
from loracheck.pipeline import check_file
from loracheck.tools import find_settings
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.bundle import load_index
from loracheck.trees.sources.request import Request

from .build import JOB

KNOWN = load_index()
MODELS = sorted(KNOWN.entries)[::9] if KNOWN else []
DIFFUSION_MODELS = {
    "black-forest-labs/FLUX.1-dev": {"musubi-tuner"},
    "black-forest-labs/FLUX.2-dev": {
        *("ai-toolkit", "diffsynth", "diffusion-pipe", "finetrainers", "kohya"),
    },
    "Qwen/Qwen-Image": {"finetrainers", "kohya"},
    "Wan-AI/Wan2.1-T2V-14B-Diffusers": {"diffusers", "kohya", "onetrainer"},
    "stabilityai/stable-diffusion-xl-base-1.0": {"diffsynth", "finetrainers", "musubi-tuner"},
    "stabilityai/stable-diffusion-3.5-medium": {"diffsynth", "finetrainers", "musubi-tuner"},
    "Tongyi-MAI/Z-Image-Turbo": {"diffusion-pipe", "finetrainers", "kohya"},
    "black-forest-labs/FLUX.2-klein-base-4B": {
        *("diffsynth", "diffusion-pipe", "finetrainers", "kohya"),
    },
    "Kwai-Kolors/Kolors-diffusers": {
        *("ai-toolkit", "diffsynth", "diffusers", "diffusion-pipe", "finetrainers", "kohya"),
        *("musubi-tuner", "onetrainer"),
    },
    "HiDream-ai/HiDream-I1-Full": {
        *("diffsynth", "diffusion-pipe", "finetrainers", "kohya", "musubi-tuner"),
    },
}
"""Model -> the trainers that cannot be written for."""
CAUSAL = frozenset({"axolotl", "llamafactory", "trl", "ms-swift", "oumi"})
"""Tools that train models which generate text; they have no way to say another task here."""


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli, ["init", *arguments])
    assert result.exit_code == status, result.output
    return result.stdout


@pytest.mark.parametrize("tool", WRITABLE_TOOLS)
@pytest.mark.parametrize("model", MODELS)
def test_what_is_written_passes_its_own_checks(model: str, tool: str, tmp_path: Path) -> None:
    tree = resolve(Request(model)).tree
    assert tree is not None
    found = write_first_config(model, tree, tool, JOB)
    if not found.fit:
        assert tool in CAUSAL
        assert not tree.generates or infer_task(tree) != "CAUSAL_LM"
        assert found.reason or found.findings
        return
    path = tmp_path / WRITABLE_TOOLS[tool].file
    path.write_text(found.text, encoding="utf-8")
    outcome = check_file(str(path), path.name, JOB)
    assert [f for f in outcome.findings if f.severity != "note"] == []
    (judged,) = outcome.settings
    assert judged.judged
    assert judged.targeted_modules
    assert judged.trainable_parameters
    assert judged.total_parameters
    assert judged.trainable_parameters < 0.2 * judged.total_parameters


def test_most_models_can_be_started() -> None:
    """The test above may pass over models: these must not be many."""
    trees = [resolve(Request(model)).tree for model in MODELS]
    assert sum(infer_task(tree) == "CAUSAL_LM" for tree in trees if tree) > len(MODELS) / 2


def test_the_targets_are_in_the_tool_s_words() -> None:
    model = "microsoft/Phi-3-mini-4k-instruct"
    assert "lora_target: 'o_proj,qkv_proj,gate_up_proj,down_proj'" in run(
        "--model", model, "--tool", "llamafactory"
    )
    assert "lora_target_modules: [o_proj, qkv_proj, gate_up_proj, down_proj]" in run(
        "--model", model, "--tool", "axolotl"
    )


def test_the_reasons_name_the_figures() -> None:
    text = run("--model", "Qwen/Qwen2.5-7B-Instruct", "--rank", "16")
    assert "this one trains 40,370,176 parameters (0.53 %)" in text
    assert "196 of 196 linear layers" in text
    assert "r=16," in text
    assert "lora_alpha=32," in text


def test_towers_are_left_out() -> None:
    text = run("--model", "Qwen/Qwen2.5-VL-7B-Instruct")
    assert "196 of 358 linear layers" in text
    assert r'exclude_modules=r"model\.visual\..*"' in text


@pytest.mark.parametrize(
    ("model", "task", "cls"),
    [
        ("google-bert/bert-base-uncased", "SEQ_CLS", "BertForSequenceClassification"),
        ("FacebookAI/roberta-base", "SEQ_CLS", "RobertaForSequenceClassification"),
        ("FacebookAI/roberta-base", "TOKEN_CLS", "RobertaForTokenClassification"),
        ("Qwen/Qwen2.5-0.5B", "SEQ_CLS", "Qwen2ForSequenceClassification"),
    ],
)
def test_another_task_takes_the_class_with_its_head(model: str, task: str, cls: str) -> None:
    text = run("--model", model, "--task", task)
    assert f"from transformers import {cls}" in text
    assert f'task_type="{task}"' in text
    assert "modules_to_save" not in text  # PEFT adds the head by itself


def test_a_tool_that_cannot_say_the_task_is_refused() -> None:
    model = ("--model", "Qwen/Qwen2.5-0.5B", "--task", "SEQ_CLS")
    assert run(*model, "--tool", "axolotl", status=1) == ""
    assert "lora_task_type: SEQ_CLS" in run(*model, "--tool", "trl")


def test_a_file_is_never_written_over_without_force(tmp_path: Path) -> None:
    path = tmp_path / "lora.py"
    model = ("--model", "Qwen/Qwen2.5-0.5B", "-o", str(path))
    run(*model)
    first = path.read_text()
    path.write_text("mine")
    run(*model, status=2)
    assert path.read_text() == "mine"
    run(*model, "--force")
    assert path.read_text() == first


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    model = ("--model", "Qwen/Qwen2.5-0.5B", "-o")
    run(*model, str(tmp_path / "lora.yaml"), "--tool", "peft", status=2)
    assert not list(tmp_path.iterdir())
    run(*model, str(tmp_path / "lora.yml"), "--tool", "axolotl")
    run(*model, str(tmp_path / "lora.txt"), "--tool", "axolotl")


def test_an_engine_that_must_serve_it_is_heeded() -> None:
    assert "r=16" in run("--model", "Qwen/Qwen2.5-0.5B", "--serve", "vllm")
    assert run("--model", "openai-community/gpt2", "--serve", "vllm", status=1) == ""


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert run("--model", "nobody/nothing", status=2) == ""
    assert run("--model", "google-bert/bert-base-uncased", "--tool", "axolotl", status=1) == ""
    target = str(tmp_path / "no" / "such" / "folder.py")
    assert run("--model", "Qwen/Qwen2.5-0.5B", "-o", target, status=2) == ""


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("Qwen/Qwen2.5-0.5B", "CAUSAL_LM"),
        ("Qwen/Qwen2.5-VL-7B-Instruct", "CAUSAL_LM"),
        ("google-t5/t5-base", "SEQ_2_SEQ_LM"),
        ("google-bert/bert-base-uncased", None),
    ],
)
def test_the_task_follows_from_the_class(model: str, wanted: str | None) -> None:
    tree = resolve(Request(model)).tree
    assert tree is not None
    assert infer_task(tree) == wanted


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("stabilityai/stable-diffusion-xl-base-1.0", "unet"),
        ("Wan-AI/Wan2.1-T2V-14B-Diffusers", "transformer"),
        ("HiDream-ai/HiDream-I1-Full", "transformer"),
    ],
)
def test_a_model_of_diffusers_is_loaded_from_its_part(model: str, part: str) -> None:
    text = run("--model", model)
    assert "from diffusers import " in text
    assert f'subfolder="{part}"' in text
    assert '"to_k", "to_q", "to_v"' in text
    assert text.endswith("model.add_adapter(config)\n")


@pytest.mark.parametrize("tool", DIFFUSION_TOOLS)
@pytest.mark.parametrize("model", DIFFUSION_MODELS)
def test_a_trainer_s_file_has_nothing_to_be_told_of(model: str, tool: str, tmp_path: Path) -> None:
    tree = resolve(Request(model)).tree
    assert tree is not None
    found = write_first_diffusion_config(model, tree, tool, JOB, rank=8)
    if not found.fit:
        assert tool in DIFFUSION_MODELS[model]
        assert found.reason
        return
    assert tool not in DIFFUSION_MODELS[model]
    path = tmp_path / DIFFUSION_TOOLS[tool].file
    path.write_text(found.text, encoding="utf-8")
    outcome = check_file(str(path), path.name, JOB)
    assert [f for f in outcome.findings if f.code != "LC003"] == []
    (setting,) = find_settings(read(str(path)))
    assert setting.tool is not None
    assert setting.tool.name.removesuffix(".py") in (tool, "diffusers")
    assert (setting.fields["r"], setting.fields["lora_alpha"]) == (8, 8)
    assert not setting.unknown_keys


def test_trainers_and_models_are_held_apart() -> None:
    flux = ("--model", "black-forest-labs/FLUX.1-dev", "--tool")
    assert run(*flux, "axolotl", status=1) == ""
    assert run(*flux, "simpletuner", "--task", "CAUSAL_LM", status=2) == ""
    assert run("--model", "Qwen/Qwen2.5-0.5B", "--tool", "kohya", status=1) == ""
    assert '"attn"' in run(*flux, "onetrainer")


@pytest.mark.parametrize(
    ("model", "line"),
    [
        ("stabilityai/stable-diffusion-2-1", "v_parameterization = true"),
        ("stabilityai/stable-diffusion-2-1-base", "v2 = true"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "sdxl_train_network.py"),
        ("lodestones/Chroma1-Base", 'model_type = "chroma"'),
    ],
)
def test_sd_scripts_is_told_which_model_it_is(model: str, line: str) -> None:
    assert line in run("--model", model, "--tool", "kohya").replace("\n# ", " ")


def test_a_model_that_its_name_does_not_tell_is_refused() -> None:
    inpainting = "stable-diffusion-v1-5/stable-diffusion-inpainting"
    assert run("--model", inpainting, "--tool", "kohya", status=1) == ""
