"""Live models: the tree is the builder's, nothing of the model changes, and liars are refused."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

import torch
from hypothesis import given
from hypothesis import strategies as st
from peft import LoraConfig, get_peft_model, inject_adapter_in_model

from bench.oracle import models, plan_side
from loracheck.trees.live import LiveModelError, find_adapters, is_module, read_module
from loracheck.trees.model import ModuleTree
from tests.examples import examples

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]

SPECS = [
    *("llama/CausalLM", "qwen2/SequenceClassification", "mixtral/CausalLM", "gpt_oss/CausalLM"),
    *("gpt2/CausalLM", "bert/MaskedLM", "albert/Model", "t5/Seq2SeqLM", "bart/Seq2SeqLM"),
    *("falcon_h1/CausalLM", "llava/ImageTextToText", "whisper/SpeechSeq2Seq", "wav2vec2/CTC"),
    *("clip/Model", "groupvit/Model", "pp_doclayout_v3/ObjectDetection", "gemma2/CausalLM"),
    *(f"plain/{name}" for name in ("mixed", "stack", "odd", "outer", "woven", "sequence")),
]


def without_library(tree: ModuleTree) -> ModuleTree:
    return tree._replace(library="", library_version=None)


@pytest.mark.parametrize("spec", SPECS)
def test_the_tree_is_the_builder_s(spec: str) -> None:
    model = models.build(spec)
    found = read_module(model)
    assert without_library(found) == without_library(plan_side.build_tree(model))
    assert found.library == ("torch" if spec.startswith("plain") else "transformers")


def snapshot(model: Any) -> Any:
    """All objects of a model by name, and the state of torch's random numbers."""
    modules = [(n, id(m), dict(m._modules), dict(vars(m))) for n, m in model.named_modules()]
    tensors = [(n, id(p), p.requires_grad) for n, p in model.named_parameters()]
    keys = [(n, i, {k: id(c) for k, c in ms.items()}, sorted(vs)) for n, i, ms, vs in modules]
    return keys, tensors, torch.get_rng_state().tolist()


@pytest.mark.parametrize("spec", ["t5/Seq2SeqLM", "bart/Seq2SeqLM", "wav2vec2/CTC"])
def test_reading_changes_nothing(spec: str) -> None:
    """T5 and BART share an embedding, for which the accessor is asked on a copy."""
    model = models.build(spec)
    before = snapshot(model)
    read_module(model)
    assert snapshot(model) == before


@pytest.mark.parametrize(
    ("spec", "config"),
    [
        ("llama/CausalLM", {"target_modules": "all-linear"}),
        ("llama/CausalLM", {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]}),
        ("llama/CausalLM", {"target_modules": ["q_proj"], "trainable_token_indices": [1, 2]}),
        ("gpt2/CausalLM", {"target_modules": ["c_attn", "wte"], "fan_in_fan_out": True}),
        ("bert/SequenceClassification", {"task_type": "SEQ_CLS"}),
        ("gpt_oss/CausalLM", {"target_parameters": ["mlp.experts.gate_up_proj"]}),
        ("plain/mixed", {"target_modules": "all-linear"}),
    ],
)
def test_a_model_with_an_adapter_is_the_one_beneath(spec: str, config: dict[str, Any]) -> None:
    bare = models.build(spec)
    expected = read_module(bare)
    wrapped = get_peft_model(bare, LoraConfig(**config))
    assert list(find_adapters(wrapped)) == ["default"]
    found = read_module(wrapped)
    assert found == expected
    assert read_module(torch.compile(wrapped)) == expected
    assert read_module(Parallel(wrapped)) == expected


class Parallel(torch.nn.Module):
    """Wraps as DistributedDataParallel does, which needs a group of processes."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self.module = module


def test_an_adapter_that_transformers_puts_in() -> None:
    model = models.build("llama/CausalLM")
    expected = read_module(model)
    config = LoraConfig(r=2, target_modules=["q_proj"])
    inject_adapter_in_model(config, model, "mine")  # and the attribute that it sets besides
    model.peft_config = {"mine": config}
    assert list(find_adapters(model)) == ["mine"]
    assert read_module(model) == expected


def test_a_wrapper_without_an_adapter_stays() -> None:
    """PEFT would wrap the wrapper, so its names count."""
    found = read_module(torch.compile(models.build("plain/mixed")))
    names = {module.name for module in found.modules()}
    assert "_orig_mod" in names and not find_adapters(Parallel(models.build("plain/mixed")))


def test_the_active_adapter_comes_first() -> None:
    model = get_peft_model(models.build("llama/CausalLM"), LoraConfig(target_modules=["q_proj"]))
    model.add_adapter("second", LoraConfig(target_modules=["v_proj"]))
    assert list(find_adapters(model)) == ["default", "second"]
    model.set_adapter("second")
    assert list(find_adapters(model)) == ["second", "default"]


def test_a_resized_vocabulary() -> None:
    model = models.build("llama/CausalLM")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.resize_token_embeddings(131)
    found = read_module(model)
    for name in (found.input_embeddings, found.output_embeddings):
        node = found.find(str(name))
        assert node is not None and node.parameters[0].shape[0] == 131


@st.composite
def any_module(draw: st.DrawFn, depth: int = 3) -> Any:
    """A module of torch's own classes, with children that may stand in it twice."""
    kinds = ["linear", "norm", "embedding", "list", "block", "dict"]
    kind = draw(st.sampled_from(kinds if depth else kinds[:3]))
    width = draw(st.integers(1, 3))
    if kind == "linear":
        return torch.nn.Linear(width, draw(st.integers(1, 3)), bias=draw(st.booleans()))
    if kind == "norm":
        return torch.nn.LayerNorm(width)
    if kind == "embedding":
        return torch.nn.Embedding(draw(st.integers(1, 3)), width)
    pool = draw(st.lists(any_module(depth - 1), min_size=1, max_size=3))
    inside = draw(st.lists(st.sampled_from(pool), max_size=4))
    if kind == "list":
        return torch.nn.ModuleList(inside)
    names = draw(st.lists(st.text("ab01", min_size=1, max_size=2), unique=True, max_size=4))
    if kind == "dict":
        return torch.nn.ModuleDict(dict(zip(names, inside, strict=False)))
    block = torch.nn.Module()
    for name, module in zip(names, inside, strict=False):
        block.add_module(name, module)
    if draw(st.booleans()):
        block.register_parameter("own", torch.nn.Parameter(torch.zeros(2, width)))
        block.register_parameter("gone", None)
    if draw(st.booleans()) and hasattr(block, "own"):
        block.register_parameter("tied", block.own)
    return block


@examples(150)
@given(any_module())
def test_names_shapes_and_ties_are_torch_s(model: Any) -> None:
    tree = read_module(model)
    assert [module.name for module in tree.modules()] == [name for name, _ in model.named_modules()]
    own = {
        f"{module.name}.{parameter.name}".lstrip("."): parameter.shape
        for module in tree.modules()
        for parameter in module.node.parameters
    }
    tied = {name for name, _ in tree.ties}
    named = {name: tuple(value.shape) for name, value in model.named_parameters()}
    assert {name: shape for name, shape in own.items() if name not in tied} == named
    every = [name for name, _ in model.named_modules(remove_duplicate=False)]
    firsts = {name for name, _ in model.named_modules()}
    assert {name for name, _ in tree.aliases} == {
        name for name in every if name not in firsts and not inside_alias(name, tree)
    }


def inside_alias(name: str, tree: ModuleTree) -> bool:
    """Whether a module stands below one that is listed as an alias."""
    return any(name.startswith(f"{alias}.") for alias, _ in tree.aliases)


class Fake:
    """Looks like a module, and is no class of torch."""

    def __init__(self, **children: Any) -> None:
        self._modules: Any = children
        self._parameters: Any = {}


def chain(length: int) -> Fake:
    last = Fake()
    for _ in range(length):
        last = Fake(x=last)
    return last


class Endless:
    """Children without end."""

    def items(self) -> Iterator[tuple[str, Fake]]:
        number = 0
        while True:
            yield str(number), Fake()
            number += 1

    values = items

    def __contains__(self, name: str) -> bool:
        return False


def circle() -> Fake:
    one, two = Fake(), Fake()
    one._modules["two"], two._modules["one"] = two, one
    return Fake(start=one)


class Raises(Fake):
    """Raises whatever is asked of it once it is in use."""

    armed = False

    def __getattribute__(self, name: str) -> Any:
        if Raises.armed and name.startswith("_m"):
            raise RuntimeError("not now")
        return super().__getattribute__(name)


def endless() -> Fake:
    found = Fake()
    found._modules = Endless()
    return found


def shapeless() -> Any:
    return torch.nn.Sequential(torch.nn.LazyLinear(3))


class Misnamed(Fake):
    """Its children have no names."""

    def __init__(self) -> None:
        super().__init__()
        self._modules = {7: Fake()}


class Speechless(Exception):  # noqa: N818 - an error that cannot even be told
    def __str__(self) -> str:
        raise RuntimeError


class Configured(Fake):
    """Its config raises."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    @property
    def config(self) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (circle, "contains itself"),
        (lambda: chain(80), "nested deeper than 64"),
        (lambda: Fake(**{"x" * 501: Fake()}), "longer than 500"),
        (endless, "more than 300,000 modules"),
        (lambda: Fake(x=3), "is a int, which has no modules"),
        (shapeless, "UninitializedParameter|uninitialized parameter"),
        (Misnamed, "the name 7 of a module is no text"),
        (lambda: Fake(**{"a.b": Fake()}), "the name 'a.b' of a module is empty or has a dot"),
        (lambda: Fake(**{"": Fake()}), "the name '' of a module is empty or has a dot"),
        (lambda: Configured(SystemExit(3)), "SystemExit: 3"),
        (lambda: Configured(Speechless()), "Speechless: no message"),
    ],
)
def test_a_model_that_lies_is_a_value_error(make: Any, says: str) -> None:
    with pytest.raises(LiveModelError, match=says):
        read_module(make())


def test_a_model_that_raises_is_a_value_error() -> None:
    model = Fake(inner=Raises())
    assert is_module(model)
    Raises.armed = True
    try:
        with pytest.raises(LiveModelError):
            read_module(model)
    finally:
        Raises.armed = False


def test_modules_beside_each_other_are_counted_too() -> None:
    with pytest.raises(LiveModelError, match="more than 300,000"):
        read_module(Fake(**{f"m{n}": Fake() for n in range(300_001)}))


def test_many_parameters_are_refused() -> None:
    model = Fake()
    model._parameters = dict.fromkeys(range(1_000_001))
    with pytest.raises(LiveModelError, match="parameters"):
        read_module(model)


@pytest.mark.parametrize(
    "value", [None, 3, "text", {}, [], torch.zeros(1), torch.nn.Linear, object()]
)
def test_what_is_no_module(value: Any) -> None:
    assert not is_module(value)


def test_a_model_of_diffusers() -> None:
    pytest.importorskip("diffusers")
    from diffusers import UNet2DConditionModel

    from loracheck.trees.fold import decode
    from loracheck.trees.skeleton.dump import dump

    model = UNet2DConditionModel(
        block_out_channels=(32, 64),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        cross_attention_dim=8,
        norm_num_groups=8,
    )
    found = read_module(model)
    assert found == decode(dump(model))
    assert found.library == "diffusers"
    config = LoraConfig(r=4, target_modules=["to_q", "to_k", "conv1"])
    assert read_module(get_peft_model(model, config)) == found
