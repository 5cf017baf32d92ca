"""What a plan says, on trees made by hand."""

from __future__ import annotations

import cProfile
import subprocess
import sys
from typing import Any

import pytest

from loracheck.documents.model import Unknown
from loracheck.plan import EntryMatch, Plan, plan

from .trees import LLAMA_3_8B, LLAMA_7B, SMALL, experts

SEVEN = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def made(config: dict[str, Any], tree: Any = SMALL) -> Plan:
    """The plan, which must be one."""
    found = plan(config, tree)
    assert found is not None
    return found


def test_counts_of_known_models() -> None:
    assert made({"target_modules": SEVEN, "r": 16}, LLAMA_7B).trainable == 39_976_960
    assert made({"target_modules": "all-linear", "r": 16}, LLAMA_7B).trainable == 39_976_960
    assert made({"target_modules": ["q_proj", "v_proj"], "r": 16}, LLAMA_7B).trainable == 8_388_608
    assert made({"r": 8}, LLAMA_7B).targeted == 64


def test_dead_entries_show() -> None:
    found = made(
        {"target_modules": ["q_proj", "query", "embed_tokens"], "exclude_modules": ["mlp"]}
    )
    assert found.entry_matches == (
        EntryMatch("target_modules", "q_proj", 12, 12),
        EntryMatch("target_modules", "query", 0, 0),
        EntryMatch("target_modules", "embed_tokens", 1, 1),
        EntryMatch("exclude_modules", "mlp", 12, 0),
    )


def test_layers_beyond_the_last_show() -> None:
    found = made({"target_modules": ["q_proj", "v_proj"], "layers_to_transform": [0, 11, 12, -1]})
    shown = {r.entry: (r.matched, r.effect) for r in found.list_matches("layers_to_transform")}
    assert shown == {0: (2, 2), 11: (2, 2), 12: (0, 0), -1: (0, 0)}
    assert found.targeted == 4


def test_patterns_show_what_they_decide() -> None:
    ranks = {"q_proj": 4, "layers.0.self_attn.q_proj": 2, "nope": 1, "up_proj": 3}
    found = made({"target_modules": ["q_proj"], "rank_pattern": ranks})
    shown = {r.entry: (r.matched, r.effect) for r in found.list_matches("rank_pattern")}
    assert shown == {
        "q_proj": (12, 12),
        "layers.0.self_attn.q_proj": (1, 0),
        "nope": (0, 0),
        "up_proj": (12, 0),
    }
    assert [w.code for w in found.warnings] == ["rank-pattern-unmatched"]
    assert {(w.rank, w.scaling) for w in found.wrapped} == {(4, 2.0)}


def test_saved_modules_show() -> None:
    found = made({"target_modules": ["q_proj"], "modules_to_save": ["norm", "typo"]})
    assert [(r.entry, r.matched, r.effect) for r in found.list_matches("modules_to_save")] == [
        ("norm", 13, 13),
        ("typo", 0, 0),
    ]
    names = {name for saved in found.saved for name in saved.names()}
    assert names == {"model.norm", *(f"model.layers.{i}.input_layernorm" for i in range(12))}
    assert sum(saved.parameters * saved.group.count for saved in found.saved) == 13 * 8


def test_heads_come_by_themselves() -> None:
    root = SMALL.root
    renamed = root._replace(children=(root.children[0], root.children[1]._replace(name="score")))
    tree = SMALL._replace(root=renamed, output_embeddings=None)
    found = made({"target_modules": "all-linear", "task_type": "SEQ_CLS"}, tree)
    assert [(s.name, s.entry, s.automatic) for s in found.saved] == [("score", "score", True)]
    alone = plan({"target_modules": "all-linear", "task_type": "SEQ_CLS"}, tree, task=False)
    assert alone is not None
    assert alone.saved == ()
    assert alone.targeted == found.targeted == 84


@pytest.mark.parametrize(
    ("config", "code", "stage", "module"),
    [
        ({"target_modules": ["nope"]}, "no-target-matches", "before", None),
        (
            {"target_modules": "q_proj", "layers_to_transform": 1},
            "layers-to-transform-with-regex",
            "config",
            None,
        ),
        ({"target_modules": ["mlp"]}, "unsupported-module", "before", "model.layers.0.mlp"),
        (
            {"target_modules": ["q_proj", "mlp"]},
            "unsupported-module",
            "wrapping",
            "model.layers.0.mlp",
        ),
        ({"target_modules": "("}, "invalid-regex", "before", None),
        (
            {"target_modules": ["q_proj"], "modules_to_save": ["layers"]},
            "excluded-and-unmatched",
            "before",
            None,
        ),
        (
            {"target_modules": ["lm_head"], "modules_to_save": ["layers"]},
            "modules-to-save-on-container",
            "after",
            None,
        ),
        (
            {"target_modules": ["q_proj"], "r": 0},
            "rank-not-positive",
            "before",
            "model.layers.0.self_attn.q_proj",
        ),
        ({"target_modules": [["q_proj"]]}, "wrong-type", "config", None),
        ({"target_modules": 5}, "wrong-type", "before", None),
        ({"target_modules": ["q_proj"], "modules_to_save": 5}, "wrong-type", "before", None),
    ],
)
def test_errors_have_a_place(
    config: dict[str, Any], code: str, stage: str, module: str | None
) -> None:
    error = made(config).error
    assert error is not None
    assert (error.code, error.stage, error.module) == (code, stage, module)


def test_unknown_values() -> None:
    assert plan({"target_modules": Unknown("targets")}, SMALL) is None
    assert plan({"target_modules": ["q_proj", Unknown("x")]}, SMALL) is None
    found = made({"target_modules": ["q_proj"], "r": Unknown("r")})
    assert (found.unknown, found.trainable, found.targeted) == (("r",), None, 12)


def test_the_caller_s_config_stays_as_it_is() -> None:
    config = {
        "target_modules": ["q_proj"],
        "modules_to_save": ["norm"],
        "task_type": "SEQ_CLS",
        "rank_pattern": {"q_proj": 2},
    }
    before = repr(config)
    assert made(config) == made(config)
    assert repr(config) == before


def test_big_trees_are_not_expanded() -> None:
    """A model of 45,000 modules takes hardly more calls of functions than one of 300."""
    many = experts(256, 58)
    assert _calls(many) < 2 * _calls(LLAMA_3_8B)


def _calls(tree: Any) -> int:
    profile = cProfile.Profile()
    profile.runcall(plan, {"target_modules": SEVEN, "r": 16}, tree)
    return sum(entry.callcount for entry in profile.getstats())


def test_the_plan_needs_no_heavy_imports() -> None:
    code = (
        "import sys; from loracheck.plan import plan; from tests.plan.trees import SMALL; "
        "plan({'target_modules': ['q_proj'], 'r': 4}, SMALL); "
        "bad = {'torch', 'peft', 'transformers', 'pydantic', 'yaml', 'numpy', 'asyncio'}; "
        "sys.exit(' '.join(bad & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.oracle
def test_tables_are_current() -> None:
    pytest.importorskip("peft")
    pytest.importorskip("torch")
    from bench.oracle import tables

    assert tables.TARGET.read_text(encoding="utf-8") == tables.format_tables()
