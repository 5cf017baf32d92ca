"""Live models and objects of the real PEFT: every number is PEFT's, the Trainer is stopped."""

from __future__ import annotations

import copy
import logging
import os
import random
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("transformers")

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model

import loracheck
from bench.oracle import differential_run, models, peft_side
from tests.plan.test_differential import SPECS

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]

SEED = os.environ.get("LORACHECK_SEED", "20261129")
"""Environment variable of another run: other configs are drawn."""
CONFIGS = int(os.environ.get("LORACHECK_CONFIGS", "3"))
"""Configs for each model; a run with more is for who changes the plan."""


@pytest.mark.parametrize("spec", SPECS)
def test_objects_and_live_models_are_judged_as_peft_does(spec: str) -> None:
    pair = differential_run.Pair(spec)
    asked = 0
    for number in range(CONFIGS):
        rng = random.Random(f"{SEED} {spec} {number}")
        config = differential_run.draw_comparable(pair, rng)
        try:
            made = LoraConfig(**copy.deepcopy(config))
        except (ValueError, TypeError, ImportError):
            continue  # there is no such object
        theirs = peft_side.ask_peft(pair.model, config, low_cpu=pair.meta)
        found = loracheck.check(made, pair.model).plan
        asked += 1
        if found is None:
            assert theirs.error is not None, config
        elif theirs.error is not None:
            assert found.error is not None, (config, theirs.error)
        else:
            assert found.error is None, (config, found.error)
            assert (found.trainable, found.total) == theirs.counts, config
            assert found.targeted == len(theirs.wrapped), config
    assert asked


class Attention(torch.nn.Module):
    """As in code of a checkpoint's own."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.wqkv = torch.nn.Linear(width, 3 * width)
        self.wo = torch.nn.Linear(width, width, bias=False)


class Custom(torch.nn.Module):
    """A model of somebody's own: tied head, no config of transformers."""

    def __init__(self, width: int = 16, layers: int = 3) -> None:
        super().__init__()
        self.config = {"model_type": "own", "width": width}
        self.tok = torch.nn.Embedding(50, width)
        self.blocks = torch.nn.ModuleList(Attention(width) for _ in range(layers))
        self.head = torch.nn.Linear(width, 50, bias=False)
        self.head.weight = self.tok.weight


@pytest.mark.parametrize(
    "config",
    [
        {"target_modules": ["wqkv", "wo"]},
        {"target_modules": "all-linear", "r": 3},
        {"target_modules": ["wo"], "modules_to_save": ["head"]},
        {"target_modules": ["tok", "wo"], "use_rslora": True},
        {"target_modules": r"blocks\.[01]\.wo", "bias": "all"},
    ],
)
def test_a_model_of_somebody_s_own(config: dict[str, Any]) -> None:
    made = LoraConfig(**config)
    plan = loracheck.check(made, Custom()).plan
    assert plan is not None
    theirs = get_peft_model(Custom(), LoraConfig(**config)).get_nb_trainable_parameters()
    assert (plan.trainable, plan.total) == theirs


@pytest.mark.parametrize("wrap", [lambda m: m, torch.compile, torch.nn.Sequential])
def test_wrappers_without_an_adapter_are_wrapped_as_they_are(wrap: Any) -> None:
    for config in ({"target_modules": ["wo"]}, {"target_modules": r"blocks\..*\.wo"}):
        plan = loracheck.check(LoraConfig(**config), wrap(Custom())).plan
        assert plan is not None
        try:
            theirs = get_peft_model(wrap(Custom()), LoraConfig(**config))
        except ValueError as error:
            assert plan.error is not None and plan.error.startswith(type(error).__name__)
        else:
            assert (plan.trainable, plan.total) == theirs.get_nb_trainable_parameters()


def test_inside_of_distributed_data_parallel(tmp_path: Any) -> None:
    if not torch.distributed.is_available() or not torch.distributed.is_gloo_available():
        pytest.skip("no gloo here")
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1
    )
    try:
        inner = get_peft_model(Custom(), LoraConfig(target_modules=["wqkv", "wo"]))
        parallel = torch.nn.parallel.DistributedDataParallel(inner)
        report = loracheck.check(parallel)
    finally:
        torch.distributed.destroy_process_group()
    assert report.plan is not None
    assert (report.plan.trainable, report.plan.total) == inner.get_nb_trainable_parameters()


def test_a_resized_vocabulary_counts() -> None:
    def build() -> Any:
        model = models.build("llama/CausalLM")
        model.resize_token_embeddings(113, mean_resizing=False)
        return model

    config = {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens", "lm_head"]}
    plan = loracheck.check(LoraConfig(**config), build()).plan
    assert plan is not None
    theirs = get_peft_model(build(), LoraConfig(**config)).get_nb_trainable_parameters()
    assert (plan.trainable, plan.total) == theirs


def test_a_model_with_its_adapter_is_enough() -> None:
    model = get_peft_model(
        models.build("llama/CausalLM"), LoraConfig(r=4, target_modules=["q_proj", "gate_porj"])
    )
    report = loracheck.check(model)
    assert [finding.code for finding in report.findings] == ["LC202"]
    assert report.plan is not None
    assert (report.plan.trainable, report.plan.total) == model.get_nb_trainable_parameters()
    assert report.settings[0].peft == peft.__version__
    assert report.settings[0].peft_from == "imported"
    assert "LoRA reaches" in str(report)
    assert loracheck.explain(model).impacts[0].trainable == report.plan.trainable


def test_what_has_no_lora() -> None:
    with pytest.raises(ValueError, match="no adapter"):
        loracheck.check(Custom())
    with pytest.raises(ValueError, match="IA3"):
        loracheck.check(peft.IA3Config(target_modules=["q_proj"]), Custom())


def test_sub_configs_and_odd_values_are_written() -> None:
    made = LoraConfig(
        target_modules=["q_proj"],
        init_lora_weights="eva",
        eva_config=peft.EvaConfig(rho=1.5),
        rank_pattern={"q_proj": 4},
        task_type=peft.TaskType.CAUSAL_LM,
    )
    report = loracheck.check(made, models.build("llama/CausalLM"))
    assert report.plan is not None and report.plan.targeted == 3
    fields = {
        v.field: v.value for v in loracheck.explain(made, "Qwen/Qwen2.5-7B").impacts[0].values
    }
    assert fields["rank_pattern"] == {"q_proj": 4} and fields["task_type"] == "CAUSAL_LM"
    assert fields["eva_config"]["rho"] == 1.5


def trainer(model: Any, callback: Any, folder: Any) -> Any:
    arguments = transformers.TrainingArguments(
        output_dir=str(folder), max_steps=2, report_to=[], use_cpu=True, disable_tqdm=True
    )
    rows = [{"input_ids": [1, 2, 3], "labels": [1, 2, 3]}] * 4
    return transformers.Trainer(model, arguments, train_dataset=rows, callbacks=[callback])


def adapted(*targets: str) -> Any:
    config = LoraConfig(r=2, target_modules=[*targets], task_type="CAUSAL_LM")
    return get_peft_model(models.build("llama/CausalLM"), config)


def test_the_trainer_stops_before_step_0(tmp_path: Any) -> None:
    pytest.importorskip("accelerate")
    callback = loracheck.LoracheckCallback(fail_on="warning")
    run = trainer(adapted("q_proj", "gate_porj"), callback, tmp_path)
    with pytest.raises(loracheck.ConfigError, match="`gate_porj` matches no module") as raised:
        run.train()
    assert run.state.global_step == 0
    assert raised.value.report is callback.report


def test_the_trainer_goes_on_with_a_good_adapter(
    tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """And with one that only warns; every event of a trainer finds something to call."""
    pytest.importorskip("accelerate")
    with caplog.at_level(logging.INFO, "loracheck"):
        for targets, level in (
            (("q_proj",), logging.INFO),
            (("q_proj", "gate_porj"), logging.WARNING),
        ):
            callback = loracheck.LoracheckCallback()
            run = trainer(adapted(*targets), callback, tmp_path)
            run.train()
            assert run.state.global_step == 2
            assert callback.report is not None and callback.report.plan is not None
            assert callback.report.plan.targeted == 3
            assert [r.levelno for r in caplog.records if r.name == "loracheck"][-1] == level


def test_a_config_beside_the_model_and_a_model_without_adapter() -> None:
    callback = loracheck.LoracheckCallback({"r": 2, "target_modules": ["nothing"]})
    with pytest.raises(loracheck.ConfigError, match="LC201"):
        callback.on_train_begin(None, None, None, model=models.build("llama/CausalLM"))
    quiet = loracheck.LoracheckCallback()
    quiet.on_train_begin(None, None, None, model=models.build("llama/CausalLM"))
    assert quiet.report is None
    assert quiet.on_step_end(None, None, None) is None
    with pytest.raises(AttributeError):
        quiet.no_such_event  # noqa: B018
    with pytest.raises(ValueError, match="fail_on"):
        loracheck.LoracheckCallback(fail_on="bad")  # type: ignore[arg-type]
