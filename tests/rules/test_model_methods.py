"""What PEFT, transformers and torch do where rules about the methods of models speak (LC122, LC124,
LC125, LC128, LC183): asked of a small model.
"""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.oracle
peft = pytest.importorskip("peft")
torch = pytest.importorskip("torch")

from bench.tools.answers import build_tiny_llama  # noqa: E402
from loracheck.rules.fields import lc122_quantization_option_unknown as lc122  # noqa: E402
from loracheck.rules.fields import lc124_none_taken_for_model as lc124  # noqa: E402
from loracheck.rules.fields import lc183_method_of_the_wrapper as lc183  # noqa: E402

CONFIG: dict[str, Any] = {"r": 4, "target_modules": ["q_proj"]}
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "set_adapter": ("default",),
    "delete_adapter": ("other",),
    "add_adapter": ("third", peft.LoraConfig(**CONFIG)),
    "add_weighted_adapter": (["default"], [0.5], "fourth"),
}


def wrap() -> Any:
    model = peft.get_peft_model(
        build_tiny_llama().to_empty(device="cpu"), peft.LoraConfig(**CONFIG)
    )
    model.add_adapter("other", peft.LoraConfig(**CONFIG))
    return model


@pytest.mark.parametrize("method", sorted(lc124._OF_WRAPPER | lc124._OF_MODELS))
def test_the_methods_return_none(method: str, tmp_path: Any) -> None:
    arguments = (tmp_path,) if method == "save_pretrained" else ARGUMENTS.get(method, ())
    assert getattr(wrap(), method)(*arguments) is None


def test_a_merged_model_has_nothing_to_train() -> None:
    assert not any(one.requires_grad for one in wrap().merge_and_unload().parameters())


def test_the_wrapper_of_torch_hands_on_no_method() -> None:
    parallel = torch.nn.DataParallel(wrap())
    methods = lc183._METHODS | lc183._OF_MODELS
    assert [name for name in sorted(methods) if hasattr(parallel, name)] == []


@pytest.mark.parametrize("method", ["half", "float"])
def test_a_quantised_model_is_not_converted(method: str) -> None:
    model = build_tiny_llama()
    model.is_quantized = True
    with pytest.raises(ValueError, match="not supported for quantized model"):
        getattr(model, method)()


def test_the_options_are_those_of_the_class() -> None:
    from inspect import signature

    from transformers import BitsAndBytesConfig

    own = set(signature(BitsAndBytesConfig.__init__).parameters) - {"self", "kwargs"}
    assert own == set(lc122._OPTIONS)
