"""Subclasses of torch's Linear in transformers that PEFT wraps: which of them still run."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from loracheck.rules.support.own_forwards import OWN_FORWARDS

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")
transformers = pytest.importorskip("transformers", minversion="5.20")

RUN = {"FalconLinear", "DoryLMHead"}
"""They have a forward of their own that gives what a linear layer of their size gives."""

OPEN = {"IdeficsDecoupledLinear"}
"""It fails where it has further outputs, which is the model's output layer alone."""


CLASS = re.compile(r"^class (\w+)\((?:torch\.)?nn\.Linear\):\n((?:[ \t].*\n|\n)*)", re.MULTILINE)


def find_own_forwards() -> set[str]:
    models = Path(transformers.__file__).parent / "models"
    texts = (path.read_text("utf-8") for path in models.glob("*/modeling_*.py"))
    found = (match for text in texts if "nn.Linear):" in text for match in CLASS.finditer(text))
    return {match[1] for match in found if "def forward(" in match[2]}


def build(name: str) -> tuple[Any, Any]:
    """A small layer of the class, and an input that it takes."""

    def load(kind: str) -> Any:
        return import_module(f"transformers.models.{kind}.modeling_{kind}")

    if name == "DeepseekV4GroupedLinear":
        return load("deepseek_v4").DeepseekV4GroupedLinear(4, 8, 2), torch.ones(2, 3, 2, 4)
    if name == "Llama4Router":
        sizes = {"hidden_size": 8, "num_local_experts": 4, "num_experts_per_tok": 1}
        return load("llama4").Llama4Router(transformers.Llama4TextConfig(**sizes)), torch.ones(6, 8)
    if name == "PhimoeTopKRouter":
        sizes = {"hidden_size": 8, "num_local_experts": 4, "num_experts_per_tok": 2}
        return load("phimoe").PhimoeTopKRouter(transformers.PhimoeConfig(**sizes)), torch.ones(
            2, 3, 8
        )
    return load("falcon").FalconLinear(4, 8), torch.ones(2, 4)


def wrap(layer: Any) -> Any:
    model = torch.nn.Sequential(layer)
    return peft.get_peft_model(model, peft.LoraConfig(r=2, target_modules=["0"]))


def test_every_such_class_of_transformers_is_known() -> None:
    assert find_own_forwards() <= {*OWN_FORWARDS, *RUN, *OPEN}


@pytest.mark.parametrize("name", sorted(OWN_FORWARDS))
def test_a_wrapped_layer_fails_in_its_first_forward_pass(name: str) -> None:
    layer, given = build(name)
    layer(given)
    wrapped = wrap(layer)
    with pytest.raises((AttributeError, RuntimeError)):
        wrapped(given)


def test_a_layer_with_a_linear_forward_of_its_own_runs() -> None:
    layer, given = build("FalconLinear")
    assert wrap(layer)(given).shape == (2, 8)
