"""`effect`: its parts agree with each other and with the plan, whatever the config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.explain.file.assess_setting import assess_setting
from loracheck.explain.file.impact import Impact
from loracheck.explain.file.training_run import read_training_run
from loracheck.explain.html.page import render_html
from loracheck.pipeline import build_contexts
from loracheck.rules.support.linear_layers import measure_share
from loracheck.tools import find_settings as settings_of
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request
from tests.examples import examples

from .build import JOB, case_on, impact_of

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

MODELS = [
    "Qwen/Qwen2.5-0.5B",
    "Qwen/Qwen3-30B-A3B",
    "Qwen/Qwen2.5-VL-7B-Instruct",
    "deepseek-ai/DeepSeek-V3",
    "openai-community/gpt2",
    "google-t5/t5-base",
    "openai/whisper-tiny.en",
    "microsoft/Phi-3-mini-4k-instruct",
]
NAMES = st.sampled_from(
    [
        *("q_proj", "v_proj", "o_proj", "gate_proj", "down_proj", "c_attn", "mlp.c_proj", "q"),
        *("wo", "embed_tokens", "lm_head", "fc1", "qkv_proj", "0.mlp.up_proj"),
        "layers.1.self_attn.q_proj",
    ]
)
CONFIGS = st.fixed_dictionaries(
    {
        "target_modules": st.one_of(
            st.lists(NAMES, min_size=1, max_size=4, unique=True),
            st.sampled_from(["all-linear", r".*[13]\..*(q_proj|wo|c_fc)"]),
        )
    },
    optional={
        "r": st.integers(1, 32),
        "layers_to_transform": st.lists(st.integers(0, 12), min_size=1, max_size=3),
        "rank_pattern": st.just({"q_proj": 3, "layers.2.mlp.down_proj": 5}),
        "modules_to_save": st.lists(NAMES, min_size=1, max_size=2),
        "target_parameters": st.just(["mlp.experts.down_proj"]),
        "use_dora": st.booleans(),
        "ensure_weight_tying": st.booleans(),
        "layer_replication": st.sampled_from([[[0, 2], [1, 4]], [[0, 3]]]),
        "exclude_modules": st.just(r".*\.(0|1)\..*"),
    },
)


def tree(model: str) -> ModuleTree:
    found = resolve(Request(model)).tree
    assert found is not None, model
    return found


@examples(40)
@pytest.mark.parametrize("model", MODELS)
@given(config=CONFIGS)
def test_the_parts_agree(model: str, config: dict[str, Any]) -> None:
    case = case_on(tree(model), **config)
    found = assess_setting(case)
    if case.plan is None or case.plan.error is not None:
        assert found.refusal is not None or not found.judged
        assert not any(row.adapted for row in found.rows)
        return
    assert found.trainable is not None
    shared = sum(f.parameters for f in found.full if f.tied)
    beside = (
        sum(f.parameters for f in found.full) - shared + sum(t.parameters for t in found.tokens)
    )
    rows = sum(row.lora_parameters for row in found.rows)
    inside = any("." in f.name and "modules_to_save" in f.name for f in found.full)
    if not inside and not config.get("modules_to_save"):
        assert rows + beside == found.trainable
    assert sum(row.adapted for row in found.rows) == found.targeted == case.plan.targeted
    _reach(found, case.plan, tree(model), "layer_replication" in config)
    _maps(found)


def _reach(found: Impact, plan: Any, model: ModuleTree, replicated: bool) -> None:
    told = measure_share(plan, model)
    assert found.linear_reached == told.reached
    if not replicated:
        assert found.linear_layers == told.linear
    assert sum(s.modules for s in found.scalings) == found.targeted
    for field in ("modules", "adapted", "base_parameters", "lora_parameters", "full_parameters"):
        parts = sum(getattr(part, field) for part in found.components)
        assert parts == sum(getattr(row, field) for row in found.rows)


def _maps(found: Impact) -> None:
    """The map's cells add up to the rows, layer by layer."""
    for stack in found.stacks:
        for line in stack.lines:
            own = [r for r in found.rows if (r.stack, r.below) == (stack.name, line.name)]
            cells = [cell for cell in line.cells if cell is not None]
            assert len(line.cells) == len(stack.layers)
            assert sum(cell.adapted for cell in cells) == sum(row.adapted for row in own)
            assert sum(cell.modules for cell in cells) == sum(row.modules for row in own)
            ranks = {rank for cell in cells for rank in cell.ranks}
            assert ranks == {rank for row in own for rank in row.ranks}


@pytest.mark.parametrize("model", MODELS)
def test_base_parameters_stay_below_the_model_s(model: str) -> None:
    found = impact_of(model, target_modules="all-linear", lora_dropout=0.0)
    assert found.total is not None
    assert found.trainable is not None
    rows = sum(row.base_parameters for row in found.rows)
    assert 0.9 * (found.total - found.trainable) < rows <= found.total - found.trainable


def test_layers_stand_where_they_belong() -> None:
    found = impact_of("Qwen/Qwen2.5-0.5B", target_modules=["q_proj"], layers_to_transform=[3, 5])
    (stack,) = found.stacks
    (line,) = (line for line in stack.lines if line.name == "self_attn.q_proj")
    hit = [n for n, cell in zip(stack.layers, line.cells, strict=True) if cell and cell.adapted]
    assert hit == [3, 5]
    (row,) = (row for row in found.rows if row.adapted)
    assert (row.name, row.modules, row.adapted) == ("model.layers.*.self_attn.q_proj", 24, 2)


def test_a_saved_adapter_tells_what_it_trained() -> None:
    asleep = impact_of("Qwen/Qwen2.5-0.5B", target_modules=["q_proj"], inference_mode=True)
    awake = impact_of("Qwen/Qwen2.5-0.5B", target_modules=["q_proj"])
    assert asleep.trainable == 0
    assert asleep.resumed == awake.trainable
    assert awake.resumed is None
    assert asleep.memory == awake.memory
    assert asleep.disk == awake.disk


def test_replicated_layers_are_those_of_the_new_model() -> None:
    layers = [[0, 4], [2, 6]]
    found = impact_of("Qwen/Qwen2.5-0.5B", target_modules=["q_proj"], layer_replication=layers)
    (stack,) = found.stacks
    assert stack.layers == tuple(range(8))
    (row,) = (row for row in found.rows if row.adapted)
    assert (row.modules, row.adapted) == (8, 8)
    assert found.memory is not None
    assert found.total is not None
    assert found.trainable is not None
    base = next(one for one in found.memory.weights if one.precision == "bfloat16")
    assert base.bytes == 2 * (found.total - found.trainable)  # the copies share their weights


def test_a_mixed_stack_has_gaps() -> None:
    found = impact_of("deepseek-ai/DeepSeek-V3", target_modules=["q_a_proj"])
    (stack,) = found.stacks
    lines = {line.name: line for line in stack.lines}
    assert [cell is None for cell in lines["mlp.up_proj"].cells[:5]] == [False] * 3 + [True] * 2
    assert lines["mlp.experts.down_proj"].component == "experts"


def test_streams_of_a_model_of_diffusers() -> None:
    found = impact_of("black-forest-labs/FLUX.1-dev", target_modules=["to_q", "linear_1"])
    assert {part.name: (part.adapted, part.modules) for part in found.streams} == {
        "image stream": (19, 19 * 6),
        "text stream": (0, 19 * 6 + 1),
        "single blocks": (38, 38 * 5),
        "time embedding": (3, 2 * 19 + 38 + 6 + 1),
        "input and output layers": (0, 2),
    }
    assert sum(part.modules for part in found.streams) == found.linear_layers
    page = render_html([found], "adapter_config.json")
    assert "Coverage by stream" in page and "image stream" in page
    assert not impact_of("Qwen/Qwen2.5-7B", target_modules=["q_proj"]).streams


def test_components_of_a_model_with_a_tower_and_of_experts() -> None:
    found = impact_of("Qwen/Qwen2.5-VL-7B-Instruct", target_modules=["gate_proj"])
    parts = {part.name: part for part in found.components}
    assert (parts["vision"].adapted, parts["mlp"].adapted) == (32, 28)
    assert set(parts) == {"attention", "mlp", "embeddings", "head", "vision"}
    moe = impact_of(
        "Qwen/Qwen3-30B-A3B", target_parameters=["mlp.experts.down_proj"], lora_dropout=0.0
    )
    parts = {part.name: part for part in moe.components}
    assert (parts["experts"].adapted, parts["experts"].modules) == (48, 96)
    assert parts["router"].modules == 48


def test_what_the_tool_and_peft_add_is_told() -> None:
    found = impact_of(
        "google-bert/bert-base-uncased", target_modules=["query"], task_type="SEQ_CLS"
    )
    assert {(one.by, one.value) for one in found.added} >= {("PEFT", "classifier")}
    text = "base_model: Qwen/Qwen2.5-0.5B\nadapter: lora\nlora_r: 8\nlora_alpha: 16\n"
    (case,) = build_contexts(read("a.yaml", text + "lora_target_linear: true\n"), JOB)
    assert [one.field for one in assess_setting(case).added if one.by == "axolotl"] == ["task_type"]
    text = "model_name_or_path: Qwen/Qwen2.5-0.5B\nuse_peft: true\nlora_r: 4\n"
    (case,) = build_contexts(read("a.yaml", text), JOB)
    by_trl = {one.field: one.value for one in assess_setting(case).added if one.by == "TRL"}
    assert by_trl == {"lora_alpha": 32, "lora_dropout": 0.05, "task_type": "CAUSAL_LM"}


def test_an_entry_counts_what_it_reached_itself() -> None:
    found = impact_of(
        "openai/gpt-oss-20b",
        target_modules="all-linear",
        target_parameters=["7.mlp.experts.down_proj"],
    )
    reached = {one.entry: one.effect for one in found.entries}
    assert reached == {"all-linear": 96, "7.mlp.experts.down_proj": 1}
    assert found.targeted == 97


def test_experts_that_peft_joins_are_told_with_what_it_writes_for_them() -> None:
    found = impact_of("mistralai/Mixtral-8x7B-v0.1", target_modules=["q_proj", "w1", "w2", "w3"])
    told = {one.field: one for one in found.added}
    assert set(told) == {"rank_pattern", "alpha_pattern"}
    assert told["rank_pattern"].by == "PEFT"
    assert any("rank_pattern" in text for text in found.warnings)
    plain = impact_of("mistralai/Mixtral-8x7B-v0.1", target_modules=["q_proj"])
    assert plain.added == ()


LLAMAFACTORY = "model_name_or_path: {}\nfinetuning_type: lora\nlora_target: all\nstage: sft\n"


@pytest.mark.parametrize(
    ("model", "passed_over"),
    [("Qwen/Qwen2.5-0.5B", False), ("Qwen/Qwen2.5-VL-7B-Instruct", True)],
)
def test_what_a_tool_passes_over_is_told_where_there_is_any(model: str, passed_over: bool) -> None:
    (case,) = build_contexts(read("a.yaml", LLAMAFACTORY.format(model)), JOB)
    found = assess_setting(case)
    assert ("exclude_modules" in [one.field for one in found.added]) is passed_over
    assert not any("exclude_modules" in text for text in found.warnings)  # it never gets there


def test_axolotl_s_patch_is_told_where_there_are_experts() -> None:
    text = "base_model: {}\nadapter: lora\nlora_r: 8\nlora_alpha: 8\nlora_dropout: 0.05\n"
    text += "lora_target_modules: [{}]\n"
    for model, names, told in (
        ("Qwen/Qwen2.5-0.5B", "q_proj", False),
        ("Qwen/Qwen3-30B-A3B", "gate_proj, up_proj, down_proj", True),
    ):
        (case,) = build_contexts(read("a.yaml", text.format(model, names)), JOB)
        assert ("lora_dropout" in [one.field for one in assess_setting(case).added]) is told


def test_modules_in_full_have_their_parameters() -> None:
    found = impact_of(
        "llava-hf/llava-1.5-7b-hf",
        target_modules=["q_proj"],
        modules_to_save=["multi_modal_projector"],
    )
    full = {row.name: row.full_parameters for row in found.rows if row.full_parameters}
    assert full == {
        "model.multi_modal_projector.linear_1": 1024 * 4096 + 4096,
        "model.multi_modal_projector.linear_2": 4096 * 4096 + 4096,
    }
    assert sum(full.values()) == sum(one.parameters for one in found.full)


def test_default_targets_are_told() -> None:
    found = impact_of("Qwen/Qwen2.5-0.5B", r=8)
    assert [(one.field, one.value) for one in found.added] == [
        ("target_modules", ["q_proj", "v_proj"])
    ]


def test_scalings_tell_their_formula() -> None:
    found = impact_of("Qwen/Qwen2.5-0.5B", target_modules=["q_proj"], r=16, use_rslora=True)
    (one,) = found.scalings
    assert one.formula == "lora_alpha / sqrt(r) = 8 / sqrt(16)"
    assert one.scaling == 2


def test_a_model_that_is_not_known_leaves_the_fields() -> None:
    text = '{"peft_type": "LORA", "base_model_name_or_path": "no/such", "r": 8}'
    (case,) = build_contexts(read("adapter_config.json", text), JOB)
    found = assess_setting(case)
    assert not found.judged
    assert found.help
    assert {value.field: value.value for value in found.values}["r"] == 8
    assert found.rows == ()


@pytest.mark.parametrize(
    ("name", "text", "batch"),
    [
        ("a.sh", "python3 -m verl.trainer.main_ppo data.train_batch_size=64 {} {}\n", 1),
        (
            "a.sh",
            "python3 -m verl.trainer.main_ppo data.train_batch_size=64 {} {} "
            "actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=4\n",
            4,
        ),
    ],
)
def test_a_batch_of_all_gpus_is_not_taken_for_one_s(name: str, text: str, batch: int) -> None:
    model = "actor_rollout_ref.model.path=Qwen/Qwen2.5-0.5B"
    (setting,) = settings_of(read(name, text.format(model, "actor_rollout_ref.model.lora_rank=8")))
    assert setting.tool_name == "verl"
    assert read_training_run(setting).batch == batch


def test_the_run_is_read_from_the_file() -> None:
    text = (
        "model_name_or_path: a/b\nuse_peft: true\nload_in_4bit: true\nmax_length: 512\n"
        "per_device_train_batch_size: 4\ngradient_checkpointing: false\noptim: adamw_8bit\n"
        "lora_target_modules: all-linear\n"
    )
    (setting,) = settings_of(read("a.yaml", text))
    told = read_training_run(setting)
    assert (told.batch, told.sequence, told.checkpointing) == (4, 512, False)
    assert told.optimiser == "adamw_8bit"
    assert set(told.fields_in_file) == {"batch", "sequence", "checkpointing", "optimiser"}


def test_how_a_script_loads_its_model_is_read() -> None:
    text = (
        "from peft import LoraConfig\nfrom transformers import AutoModelForCausalLM\n"
        "config = LoraConfig(r=8)\n"
        "few = dict(load_in_4bit=True, bnb_4bit_use_double_quant=True)\n"
        "model = AutoModelForCausalLM.from_pretrained('a/b', quantization_config=few)\n"
    )
    (setting,) = settings_of(read("a.py", text))
    assert (read_training_run(setting).double, read_training_run(setting).fields_in_file) == (
        True,
        ("double",),
    )
