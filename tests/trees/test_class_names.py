"""The names of model classes: a bundled checkpoint has none that its class is not said to have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from loracheck.documents import read
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import build_contexts, check_file
from loracheck.rules import list_all_rules
from loracheck.trees.class_names import PATH, find_class
from loracheck.trees.model import ModuleTree, Node
from loracheck.trees.model_ids import DamagedTableError, iter_ids
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.bundle import find_model, find_tree, load_index
from loracheck.trees.sources.class_names import find_class_of
from loracheck.trees.sources.request import NAMES_ONLY, Request

NUMBER = re.compile(r"(?<!\w)\d+(?!\w)")
SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()))
CHECKPOINTS = sorted(load_index().entries)


def names_of(tree: ModuleTree) -> set[str]:
    """The names of all modules with `*` for numbers; equal layers, which stand folded, once."""

    def walk(name: str, node: Node) -> Iterator[str]:
        yield name
        for child in node.children:
            part = "*" if child.name is None else NUMBER.sub("*", child.name)
            yield from walk(f"{name}.{part}" if name else part, child.node)

    return {*walk("", tree.root)}


def test_names_are_those_of_all_modules() -> None:
    tree = find_tree("Qwen/Qwen3-30B-A3B")
    assert tree is not None
    assert names_of(tree) == {NUMBER.sub("*", module.name) for module in tree.modules()}


def test_no_bundled_checkpoint_has_a_name_that_its_class_lacks() -> None:
    checked = 0
    for model in CHECKPOINTS:
        entry = find_model(model)
        assert entry is not None
        for newest, _, _ in entry.list_release_runs():
            tree = find_tree(model, (), None, newest)
            known = find_class(str(tree.cls)) if tree is not None else None
            if tree is None or known is None:
                continue
            checked += 1
            assert not names_of(tree) - names_of(known.tree), (model, newest)
            if known.stable:
                assert names_of(tree) == names_of(known.tree), (model, newest)
    assert checked > 300


def test_ids_of_a_known_class_are_judged_by_names() -> None:
    rows = [row for row in iter_ids() if find_class_of(row) and not load_index().place(row.id)]
    assert len(rows) > 900
    for row in rows[::40]:
        found = resolve(Request(row.id, names_do=True))
        if found.kind == NAMES_ONLY:
            assert found.tree is not None
            assert found.tree.partial
            assert resolve(Request(row.id)).tree is None


def config(model: str, targets: str) -> str:
    head = f"base_model: {model}\nadapter: lora\nlora_r: 8\nlora_alpha: 16\n"
    return f"{head}lora_target_modules: {targets}\n"


def find_names_only(stable: bool) -> str:
    """An id of a Llama-like class (stable), or of one whose names depend on the config."""
    for row in iter_ids():
        known = find_class_of(row)
        names = find_class(str(known.architecture)) if known else None
        found = resolve(Request(row.id, names_do=True)) if names else None
        if names is None or found is None or found.kind != NAMES_ONLY:
            continue
        plain = any(m.name.endswith("self_attn.q_proj") for m in names.tree.modules())
        if names.stable is stable and plain:
            return row.id
    raise AssertionError("no such id")


@pytest.mark.parametrize("stable", [True, False])
def test_dead_names_are_told_and_nothing_is_counted(stable: bool) -> None:
    model = find_names_only(stable)
    (one,) = check_file("a.yaml", "a.yaml", SETTINGS, config(model, "[q_proj, qv_prj]")).findings
    assert one.code == "LC202"
    assert not re.search(r"\d+ of \d+", " ".join([one.message, str(one.help), *one.notes]))
    assert "alone" in one.notes[0]
    (none,) = check_file("a.yaml", "a.yaml", SETTINGS, config(model, "[query_x]")).findings
    assert (none.code, none.severity) == ("LC201", "error")


def test_right_names_and_any_layer_pass() -> None:
    model = find_names_only(True)
    for targets in ("[q_proj, v_proj]", "'model.layers.(0|77).self_attn.q_proj'", "all-linear"):
        assert check_file("a.yaml", "a.yaml", SETTINGS, config(model, targets)).findings == ()
    text = config(model, "[q_proj]") + "peft_layers_to_transform: [90]\n"
    assert check_file("a.yaml", "a.yaml", SETTINGS, text).findings == ()


CLASS = """from peft import LoraConfig, get_peft_model
from transformers import {cls}
model = {cls}.from_pretrained({model})
model = get_peft_model(model, LoraConfig(target_modules=["{target}"]))
"""


@pytest.mark.parametrize("model", ["'/data/my-model'", "'owner/unheard-of'", "args.model"])
def test_the_class_that_a_file_loads_tells_the_names(model: str) -> None:
    text = CLASS.format(cls="LlamaForCausalLM", model=model, target="query_key_value")
    (one,) = check_file("a.py", "a.py", SETTINGS, text).findings
    assert (one.code, one.severity) == ("LC201", "error")
    assert "LlamaForCausalLM" in one.notes[0]
    fine = text.replace("query_key_value", "q_proj")
    assert check_file("a.py", "a.py", SETTINGS, fine).findings == ()
    other = text.replace("from transformers", "from my_package")
    assert "LC201" not in {one.code for one in check_file("a.py", "a.py", SETTINGS, other).findings}


def test_code_that_comes_with_the_checkpoint_has_names() -> None:
    for model, target in (
        ("internlm/internlm2-chat-7b", "wqkv"),
        ("zai-org/chatglm3-6b", "query_key_value"),
        ("Qwen/Qwen-7B-Chat", "c_attn"),
        ("baichuan-inc/Baichuan2-7B-Chat", "W_pack"),
    ):
        text = config(model, f"[{target}]") + "trust_remote_code: true\n"
        assert check_file("a.yaml", "a.yaml", SETTINGS, text).findings == ()
        bad = text.replace(target, "q_projx")
        (one,) = check_file("a.yaml", "a.yaml", SETTINGS, bad).findings
        assert one.code == "LC201"


def test_explain_says_what_is_known() -> None:
    from loracheck.explain.file.assess_setting import assess_setting

    (context,) = build_contexts(read("a.yaml", config(find_names_only(True), "[q_proj]")), SETTINGS)
    impact = assess_setting(context)
    assert not impact.judged
    assert impact.targeted is None
    assert "by the names of" in str(impact.reason)
    assert impact.memory is None


def test_a_damaged_table_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "class-names.bin"
    bad.write_bytes(Path(PATH).read_bytes()[:-50])
    places = json.loads(Path(PATH).read_bytes().partition(b"\n")[0])["classes"]
    with pytest.raises(DamagedTableError):
        find_class(max(places, key=places.get), str(bad))
    bad.write_bytes(b"{}\n")
    with pytest.raises(DamagedTableError):
        find_class("LlamaForCausalLM", str(bad))
