"""A session without a terminal: what is edited, what is written, what is held back."""

from __future__ import annotations

import difflib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.config.field_table import get_lora_fields
from loracheck.documents import read
from loracheck.documents.comments import find_comments
from loracheck.explain.write import WRITABLE_TOOLS
from loracheck.explorer import state as transitions
from loracheck.explorer.field_edit import ABSENT, EditRefusal
from loracheck.explorer.field_order import MODEL, ORDER
from loracheck.explorer.preview_match import preview_match
from loracheck.explorer.save_file import SaveError, diff_lines, save, write_new_file
from loracheck.explorer.session import create_config, open_config
from loracheck.explorer.toggle_target import toggle_line
from loracheck.explorer.view import build_view
from loracheck.fixes.verify import is_same_value
from loracheck.plan import plan
from loracheck.tools import find_settings
from loracheck.trees.sources.bundle import find_tree
from tests.shared import FOLDER, files, needs

from .states import new_state, open_state

EXAMPLES = Path(__file__).parents[2] / "examples"
PHI3 = EXAMPLES / "phi3_llama_names.json"

AXOLOTL = """\
# a run
base_model: meta-llama/Llama-3.2-1B  # small
adapter: lora
lora_r: 16      # rank
lora_alpha: 32
lora_target_linear: true

datasets:
  - path: x     # data
"""
FACTORY = """\
model_name_or_path: meta-llama/Llama-3.2-1B
stage: sft
finetuning_type: lora
lora_rank: 8    # rank
lora_target: all
output_dir: out
"""
CALL = """\
from peft import LoraConfig

RANK = 8
config = LoraConfig(
    r=RANK,  # see above
    lora_alpha=16,
    target_modules=["q_proj", "v_proj"],
)
"""


def state_of(name: str, text: str) -> transitions.State:
    return transitions.State(name, text.encode(), text, text)


def changed_lines(state: transitions.State) -> list[str]:
    return [row for row in diff_lines(state) if row[:1] in "+-"]


def test_the_form_has_every_field() -> None:
    assert set(ORDER) == set(get_lora_fields()) - {"base_model_name_or_path"} | {MODEL}
    assert len(ORDER) == len(set(ORDER))


LINEAR, NAME = "lora_target_linear", "model_name_or_path"
WRITTEN: list[tuple[str, str, str, Any, list[str]]] = [
    ("a.yaml", AXOLOTL, "r", 4, ["-lora_r: 16      # rank", "+lora_r: 4      # rank"]),
    ("a.yaml", AXOLOTL, "lora_dropout", 0.1, ["+lora_dropout: 0.1"]),
    ("a.yaml", AXOLOTL, "lora_alpha", ABSENT, ["-lora_alpha: 32"]),
    (
        "a.yaml",
        AXOLOTL,
        "target_modules",
        ["q_proj"],
        [f"-{LINEAR}: true", f"+{LINEAR}: false", "+lora_target_modules: [q_proj]"],
    ),
    (
        "a.yaml",
        FACTORY,
        "target_modules",
        ["q_proj", "v"],
        ["-lora_target: all", "+lora_target: 'q_proj,v'"],
    ),
    ("a.yaml", FACTORY, "use_dora", True, ["+use_dora: true"]),
    (
        "a.yaml",
        FACTORY,
        MODEL,
        "Qwen/Qwen3-8B",
        [f"-{NAME}: meta-llama/Llama-3.2-1B", f"+{NAME}: Qwen/Qwen3-8B"],
    ),
    ("a.py", CALL, "lora_alpha", 32, ["-    lora_alpha=16,", "+    lora_alpha=32,"]),
    ("a.py", CALL, "use_rslora", True, ["+    use_rslora=True,"]),
    (
        "a.py",
        CALL,
        "target_modules",
        ["q_proj", "v_proj", "o"],
        [
            '-    target_modules=["q_proj", "v_proj"],',
            '+    target_modules=["q_proj", "v_proj", "o"],',
        ],
    ),
]


@pytest.mark.parametrize(("name", "text", "field", "value", "rows"), WRITTEN)
def test_written_in_the_tools_own_words(
    name: str, text: str, field: str, value: Any, rows: list[str]
) -> None:
    new = transitions.set_value(state_of(name, text), field, value)
    assert field not in new.held_values
    assert sorted(changed_lines(new)) == sorted(rows)


def test_a_value_that_cannot_be_written_is_tried_out_and_said() -> None:
    new = transitions.set_value(state_of("a.py", CALL), "r", 64)
    shown = build_view(new)
    assert new.text == CALL
    assert "line 5" in new.held_values["r"].reason
    assert shown.context.setting.fields["r"] == shown.get_value("r") == 64
    assert transitions.set_value(new, "r", 8).held_values == {}


def test_typing_in_one_field_is_one_step_and_leaves_no_traces() -> None:
    start = state_of("a.yaml", AXOLOTL)
    state = start
    for value in (ABSENT, 6, 64, ABSENT, 1, 16):
        state = transitions.set_value(state, "r", value)
    assert state.text == AXOLOTL
    assert len(state.past) == 1
    state = transitions.set_value(state, "lora_alpha", 64)
    assert transitions.undo(state).text == AXOLOTL
    assert transitions.redo(transitions.undo(state)).text == state.text
    assert transitions.undo(start) is start


def test_mends_lead_to_what_was_meant() -> None:
    state = open_state(PHI3)
    finding = next(f for f in build_view(state).findings if f.fix)
    new = transitions.apply_fix(state, finding)
    assert not isinstance(new, EditRefusal)
    assert build_view(new).impact.linear_reached == 128
    every, count = transitions.apply_all_fixes(state)
    assert count == 1
    assert build_view(every).impact.linear_reached == 128
    assert transitions.undo(every).text == state.text


def test_saving_keeps_the_order_and_refuses_what_it_did_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    shutil.copy(PHI3, path)
    state, _ = transitions.apply_all_fixes(open_state(path))
    done = save(state, str(path))
    assert not done.is_changed
    assert list(json.loads(path.read_text())) == list(json.loads(PHI3.read_text()))
    path.write_text("{}")
    with pytest.raises(SaveError, match="changed meanwhile"):
        save(transitions.set_value(done, "r", 3), str(path))
    (tmp_path / "other.json").write_text("")
    with pytest.raises(SaveError, match="there already"):
        save(done, str(tmp_path / "other.json"))
    with pytest.raises(SaveError, match="must end so"):
        save(done, str(tmp_path / "other.yaml"))
    with pytest.raises(SaveError, match="there already"):
        write_new_file(str(path), "x")


def test_what_is_tried_out_matches_as_targets_do() -> None:
    tree = find_tree("meta-llama/Llama-3.2-1B")
    assert tree is not None
    for text in (
        "q_proj",
        "q_proj, mlp.up_proj",
        r".*\.[0-3]\..*_proj",
        r"model\..*",
        "_proj",
        "1",
    ):
        found = preview_match(text, tree)
        made = plan({"target_modules": found.value}, tree)
        reached = made.list_matches("target_modules")
        if isinstance(found.value, list):
            assert found.modules == sum(one.matched for one in reached)
        else:
            assert found.modules == reached[0].matched
    assert preview_match("(", tree).reason
    assert preview_match("[", tree).reason


def test_a_line_of_the_tree_becomes_a_target() -> None:
    shown = build_view(open_state(PHI3))
    rows = {row.label: row for row in shown.lines}
    assert toggle_line(shown, rows["qkv_proj"]) == [*shown.get_value("target_modules"), "qkv_proj"]
    assert "o_proj" not in (toggle_line(shown, rows["o_proj"]) or [])
    assert toggle_line(shown, rows["norm"]) is None
    every = toggle_line(shown, rows["layers.0-31"])
    assert every is not None and every[-2:] == ["qkv_proj", "gate_up_proj"]


MODELS = ("meta-llama/Llama-3.2-1B", "Qwen/Qwen3-30B-A3B", "Qwen/Qwen2.5-VL-7B-Instruct")


@pytest.mark.parametrize("model", MODELS)
def test_marks_add_up_to_the_plan(model: str) -> None:
    for value in ("all-linear", r".*\.[0-9]\.self_attn\.(q|k)_proj", ["v_proj", "lm_head"]):
        shown = build_view(transitions.set_value(new_state(model), "target_modules", value))
        plan = shown.plan
        assert plan is not None
        wrapped = [w for w in plan.wrapped if w.parameter is None]
        assert sum(m.adapted for m in shown.marks) >= sum(w.group.count for w in wrapped)
        tops = [m for row, m in zip(shown.lines, shown.marks, strict=True) if row.parent < 0]
        assert sum(m.linear for m in tops) == shown.impact.linear_layers
        if plan.error is None:
            assert sum(m.below for m in tops) == shown.impact.linear_reached
        assert all(row.end > n for n, row in enumerate(shown.lines))


NAMES = ["q_proj", "o_proj", "a b", "#", "é", "'"]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "r": st.integers(1, 256) | st.none() | st.text(max_size=4),
    "lora_alpha": st.integers(1, 512),
    "lora_dropout": st.floats(0, 0.9),
    "target_modules": st.lists(st.sampled_from(NAMES), max_size=4)
    | st.sampled_from(["all-linear", r".*\.(q|v)_proj", "x # y", "a: b", "it's"])
    | st.none(),
    "use_rslora": st.booleans() | st.none(),
    "task_type": st.sampled_from(["CAUSAL_LM", "SEQ_CLS"]) | st.none(),
    "modules_to_save": st.lists(st.text(max_size=5), max_size=3) | st.none(),
    "rank_pattern": st.dictionaries(st.text(max_size=5), st.integers(1, 9), max_size=2),
    "layers_to_transform": st.lists(st.integers(0, 40), max_size=3) | st.integers(0, 40),
    "init_lora_weights": st.booleans() | st.just("pissa"),
}
EDITS = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda name: st.tuples(st.just(name), VALUES[name] | st.just(ABSENT))
    ),
    min_size=1,
    max_size=5,
)
TEXTS = [
    ("a.yaml", AXOLOTL),
    ("a.yaml", FACTORY),
    ("a.py", CALL),
    ("adapter_config.json", PHI3.read_text()),
]
TEXTS += [("a.yaml", (EXAMPLES / "gpt2_regex.yaml").read_text())]


@given(st.sampled_from(TEXTS), EDITS)
def test_whatever_is_edited(source: tuple[str, str], edits: list[tuple[str, Any]]) -> None:
    """The value that was given is what is judged; nothing else changes in the file, no comment is
    lost, and undoing all of it gives the file back.
    """
    state = start = state_of(*source)
    for name, value in edits:
        before = find_settings(read(state.name, state.text))[0]
        state = transitions.end_edit(transitions.set_value(state, name, value))
        shown = build_view(state)
        if value is not ABSENT:
            assert is_same_value(shown.context.setting.fields.get(name), value)
        after = find_settings(read(state.name, state.text))[0]
        kept = [n for n in before.places if n != name and n in after.places]
        derived = {"lora_alpha", "target_modules"}
        assert all(
            is_same_value(before.fields[n], after.fields[n]) for n in kept if n not in derived
        )
    document = read(*start.name and (start.name, start.text))
    words = [text for _, text in find_comments(start.text, document.format)]
    assert [text for _, text in find_comments(state.text, document.format)] == words
    for _ in edits:
        state = transitions.undo(state)
    assert state.text == start.text and state.held_values == start.held_values


CORPUS = files("corpus", ".json", ".yaml", ".yml", ".toml", ".py", ".sh")


@needs("corpus")
def test_real_files_open_and_keep_all_but_one_line() -> None:
    number = 0
    for path in CORPUS[::7]:
        state = open_config(str(path))
        if isinstance(state, EditRefusal):
            continue
        number += 1
        new = transitions.set_value(state, "r", 7)
        shown = build_view(new)
        assert shown.context.setting.fields["r"] == 7, path.relative_to(FOLDER)
        rows = list(difflib.ndiff(state.text.splitlines(), new.text.splitlines()))
        assert sum(row[:1] == "-" for row in rows) <= 1
        assert sum(row[:1] == "+" for row in rows) <= 1
    assert number > 50


@pytest.mark.parametrize("tool", sorted(WRITABLE_TOOLS))
def test_a_new_config_in_each_tools_words(tool: str) -> None:
    state = new_state("Qwen/Qwen3-8B", tool)
    assert build_view(state).impact.linear_reached == 252
    edited = transitions.set_value(state, "r", 5)
    assert not edited.held_values
    assert build_view(edited).context.setting.fields["r"] == 5


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("{}")
    for name, reason in (("a.json", "a.json:1:"), ("b.json", "sets no LoRA up"), ("c", "c")):
        found = open_config(str(tmp_path / name))
        assert isinstance(found, EditRefusal) and reason in found.reason
    assert isinstance(create_config("nobody/none"), EditRefusal)
