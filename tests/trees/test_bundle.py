"""Look-ups in the bundled trees."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.bundle.build import Answer, build_trees
from loracheck.releases.release_table import get_newest_release, list_known_releases
from loracheck.trees.fold import decode
from loracheck.trees.model import Child, ModuleTree, Node, Parameter
from loracheck.trees.sources import bundle
from loracheck.trees.sources.bundle_labels import extrapolate_labels

LAYERS = {
    "microsoft/Phi-3-mini-4k-instruct": {"model.layers": 32},
    "google-t5/t5-base": {"encoder.block": 12, "decoder.block": 12},
    "Qwen/Qwen2.5-7B": {"model.layers": 28},
    "google-bert/bert-base-uncased": {"bert.encoder.layer": 12},
    "openai-community/gpt2": {"transformer.h": 12},
    "mistralai/Mixtral-8x7B-v0.1": {"model.layers": 32},
    "meta-llama/Llama-3.2-1B": {"model.layers": 16},
    "EleutherAI/gpt-neox-20b": {"gpt_neox.layers": 44},
    "bigcode/starcoder": {"transformer.h": 40},
    "type:llama": {"model.layers": 32},
}
SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 64,
}
KINDS = ("bert", "roberta", "qwen2", "deberta-v2")
HEADS = ("SequenceClassification", "TokenClassification")


RELEASES = bundle.load_index().releases


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("model", LAYERS)
def test_layers_are_the_checkpoints_own(model: str, release: str) -> None:
    tree = bundle.find_tree(model, release=release)
    assert tree is not None
    assert tree.transformers == release
    for name, count in LAYERS[model].items():
        node = tree.find(name)
        assert node is not None
        assert sum(len(child.indices) or 1 for child in node.children) == count


def test_the_newest_release_that_can_build_a_model_answers() -> None:
    found = bundle.find_tree("Qwen/Qwen2.5-7B")
    assert found and found.transformers == RELEASES[0]
    gone = [
        (name, entry.list_release_runs()[0][0])
        for name in bundle.load_index(types=True).entries
        if (entry := bundle.find_model(name)) and entry.find_variant(RELEASES[0]) == bundle.ABSENT
    ]
    assert gone
    for model, release in gone:
        # A type whose config names no class has no tree of its own class.
        heads = () if bundle.find_tree(model) else ("AutoModel",)
        tree = bundle.find_tree(model, heads)
        assert tree and tree.transformers == release != RELEASES[0]
        assert bundle.find_tree(model, heads, release=RELEASES[0]) is None


def test_the_index_of_both_files_is_of_the_known_releases() -> None:
    assert bundle.load_index(types=True).releases == RELEASES
    assert [
        release for release in list_known_releases("transformers") if release in RELEASES
    ] == RELEASES
    assert RELEASES[0] == get_newest_release("transformers")


def test_a_release_in_between_is_the_one_that_the_runs_tell() -> None:
    entry = bundle.find_model("Qwen/Qwen2.5-VL-7B-Instruct")
    assert entry is not None
    for newest_, oldest, variant in entry.list_release_runs():
        there = RELEASES[RELEASES.index(newest_) : RELEASES.index(oldest) + 1]
        assert {entry.find_variant(release) for release in there} == {variant}


@pytest.mark.parametrize("model", ["", "llama", "type:", "type:nothing", "Qwen/Qwen2.5-7c", "GPT2"])
def test_an_unknown_id_has_no_tree(model: str) -> None:
    assert bundle.find_tree(model) is None


def test_the_hub_takes_an_id_in_any_case() -> None:
    assert bundle.find_tree("qwen/qwen2.5-7b") == bundle.find_tree("Qwen/Qwen2.5-7B")


def test_a_head_by_the_end_of_an_auto_class_or_by_its_class() -> None:
    for head, cls in {
        "SequenceClassification": "RobertaForSequenceClassification",
        "RobertaForTokenClassification": "RobertaForTokenClassification",
        "AutoModelForQuestionAnswering": "RobertaForQuestionAnswering",
        "AutoModel": "RobertaModel",
        "RobertaModel": "RobertaModel",
        "": "RobertaForMaskedLM",
    }.items():
        tree = bundle.find_tree("FacebookAI/roberta-large", (head,))
        assert tree and tree.cls == cls
    assert bundle.find_tree("FacebookAI/roberta-large", ("Seq2SeqLM", "LlamaModel")) is None


@pytest.mark.parametrize(
    ("model", "head", "layer"),
    [
        ("google-bert/bert-base-uncased", "SequenceClassification", "classifier"),
        ("FacebookAI/roberta-base", "SequenceClassification", "classifier.out_proj"),
        ("Qwen/Qwen2.5-0.5B", "TokenClassification", "score"),
        ("google/vit-base-patch16-224", "", "classifier"),
    ],
)
@pytest.mark.parametrize("labels", [1, 2, 3, 7, 1000])
def test_a_classification_head_has_as_many_rows_as_labels(
    model: str, head: str, layer: str, labels: int
) -> None:
    tree = bundle.find_tree(model, (head,), labels)
    assert tree is not None
    node = tree.find(layer)
    assert node is not None and node.parameters[0].shape[0] == labels


def test_labels_leave_other_heads_alone() -> None:
    plain = bundle.find_tree("Qwen/Qwen2.5-7B", ("CausalLM",))
    assert bundle.find_tree("Qwen/Qwen2.5-7B", ("CausalLM",), 5) == plain


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="no transformers")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("head", HEADS)
def test_a_head_grown_from_two_builds_is_the_build(kind: str, head: str) -> None:
    two, three, six = (decode(_builds()[f"{kind} {labels}"].trees[head]) for labels in (2, 3, 6))
    assert extrapolate_labels(two, three, 6) == six


@cache
def _builds() -> dict[str, Answer]:
    """All builds of the test above, with one start of transformers."""
    configs = {
        f"{kind} {labels}": {
            "model_type": kind,
            "id2label": {str(label): f"LABEL_{label}" for label in range(labels)},
            "label2id": {f"LABEL_{label}": label for label in range(labels)},
            **SMALL,
        }
        for kind in KINDS
        for labels in (2, 3, 6)
    }
    return build_trees(sys.executable, configs, heads=HEADS)


@given(st.integers(1, 10**5), st.integers(0, 9), st.integers(1, 9))
def test_every_size_grows_by_its_own_step(labels: int, fixed: int, step: int) -> None:
    def tree(count: int) -> ModuleTree:
        weight = Parameter("weight", (fixed + step * count, 8))
        head = Node("Linear", "Linear", (weight,), (), (("out_features", fixed + step * count),))
        body = Node("Body", None, (Parameter("w", (4, 4)),), ())
        return ModuleTree(Node("M", None, (), (Child("b", None, body), Child("h", None, head))))

    assert extrapolate_labels(tree(2), tree(3), labels) == tree(labels)


@pytest.mark.parametrize("types", [False, True])
def test_every_bundled_tree_can_be_read(types: bool) -> None:
    for model in bundle.load_index(types).entries:
        entry = bundle.find_model(model)
        assert entry is not None
        for release, _, _ in entry.list_release_runs():
            # the own class of a few default configs cannot be built, though other heads can
            heads = ("", "Model", "CausalLM")
            tree = bundle.find_tree(model, heads, release=release)
            assert tree is not None and tree.transformers == release, model


def test_all_data_of_the_wheel_stays_small() -> None:
    root = Path(bundle.FOLDER).parents[1]
    sizes = [path.stat().st_size for path in root.rglob("*") if path.suffix in (".bin", ".json")]
    assert sum(sizes) < 5_000_000
    trees = [path.stat().st_size for path in Path(bundle.FOLDER).iterdir()]
    assert sum(trees) < 2_500_000


AUTO = {
    ("llava-hf/llava-1.5-7b-hf", "ImageTextToText"): "LlavaForConditionalGeneration",
    ("Qwen/Qwen2.5-VL-7B-Instruct", "ImageTextToText"): "Qwen2_5_VLForConditionalGeneration",
    ("openai/whisper-small", "SpeechSeq2Seq"): "WhisperForConditionalGeneration",
    ("google/vit-base-patch16-224", "ImageClassification"): "ViTForImageClassification",
    ("google/vit-base-patch16-224", "AutoModelForImageClassification"): "ViTForImageClassification",
    ("openai/whisper-small", "AudioClassification"): None,
    ("google-bert/bert-base-uncased", "MultipleChoice"): None,
    ("Qwen/Qwen2.5-7B", "SpeechSeq2Seq"): None,
}


@pytest.mark.parametrize(("model", "head"), AUTO)
def test_an_auto_class_is_found_by_the_class_that_it_loads(model: str, head: str) -> None:
    tree = bundle.find_tree(model, (head,))
    assert (tree.cls if tree else None) == AUTO[model, head]


def test_the_labels_count_under_an_auto_class_too() -> None:
    tree = bundle.find_tree("google/vit-base-patch16-224", ("ImageClassification",), 7)
    assert tree is not None
    classifier = tree.find("classifier")
    assert classifier is not None
    assert classifier.parameters[0].shape[0] == 7
