"""Look-ups in the bundled trees."""

from __future__ import annotations

import importlib.util
import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.trees.builder import build
from loracheck.trees.model import Child, ModuleTree, Node, Parameter
from loracheck.trees.sources import bundle
from loracheck.trees.sources.bundle_labels import with_labels

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


@pytest.mark.parametrize("line", bundle.LINES)
@pytest.mark.parametrize("model", LAYERS)
def test_layers_are_the_checkpoints_own(model: str, line: str) -> None:
    tree = bundle.find_tree(model, transformers=line)
    assert tree is not None
    assert tree.transformers is not None and tree.transformers.startswith(line)
    for name, count in LAYERS[model].items():
        node = tree.find(name)
        assert node is not None
        assert sum(len(child.indices) or 1 for child in node.children) == count


def test_the_newest_line_answers_first_and_an_older_one_where_only_it_knows_the_model() -> None:
    newest, older = (bundle.load_index(line) for line in bundle.LINES)
    assert newest and older
    both = bundle.find_tree("Qwen/Qwen2.5-7B")
    assert both and both.transformers == newest.transformers
    types = [bundle.load_index(line, types=True) for line in bundle.LINES]
    assert types[0] and types[1]
    gone = sorted(set(types[1].entries) - set(types[0].entries))[:3]
    for model in gone:
        tree = bundle.find_tree(model)
        assert tree and tree.transformers == older.transformers


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
@pytest.mark.parametrize("kind", ["bert", "roberta", "qwen2", "deberta-v2"])
@pytest.mark.parametrize("head", ["SequenceClassification", "TokenClassification"])
def test_a_head_grown_from_two_builds_is_the_build(kind: str, head: str) -> None:
    config = {"model_type": kind, **SMALL}
    two, three, six = (build(config, (head,), labels) for labels in (2, 3, 6))
    assert with_labels(two, three, 6) == six


@given(st.integers(1, 10**5), st.integers(0, 9), st.integers(1, 9))
def test_every_size_grows_by_its_own_step(labels: int, fixed: int, step: int) -> None:
    def tree(count: int) -> ModuleTree:
        weight = Parameter("weight", (fixed + step * count, 8))
        head = Node("Linear", "Linear", (weight,), (), (("out_features", fixed + step * count),))
        body = Node("Body", None, (Parameter("w", (4, 4)),), ())
        return ModuleTree(Node("M", None, (), (Child("b", None, body), Child("h", None, head))))

    assert with_labels(tree(2), tree(3), labels) == tree(labels)


def test_every_bundled_tree_can_be_read() -> None:
    for line in bundle.LINES:
        for types in (False, True):
            found = bundle.load_index(line, types)
            assert found and found.entries
            for model in found.entries:
                tree = bundle.find_tree(model, transformers=line)
                assert tree is not None and tree.transformers == found.transformers, model


def test_the_bundle_stays_small() -> None:
    sizes = [os.path.getsize(entry.path) for entry in os.scandir(bundle.FOLDER)]
    assert sum(sizes) < 1_200_000


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


def test_the_table_of_auto_classes_is_that_of_the_bundled_transformers() -> None:
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    newest = bundle.load_index(bundle.LINES[0])
    if newest is None or transformers.__version__ != newest.transformers:
        pytest.skip("another transformers than the bundle's")
    from bench.auto_classes import FILE, classes

    current = json.loads(FILE.read_text()) == classes()
    assert current, "run: python -m bench.auto_classes"
