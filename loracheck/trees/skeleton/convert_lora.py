"""What diffusers makes of the names of a LoRA file: its own loader runs on tensors without values,
up to the point where it would hand them to the model.

Source: diffusers 0.40.0 to 0.42.1, `loaders/lora_pipeline.py` (load_lora_weights, lora_state_dict
of each class), `loaders/peft.py` (load_lora_adapter), `loaders/lora_conversion_utils.py`.
"""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

VALUED = 1 << 10
"""Elements up to which the stand-in computes values: alphas have one, and names follow from no
other.
"""

ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    TypeError,
    UnboundLocalError,
    ValueError,
)
"""What a converter raises for names and shapes that it does not expect."""


def convert(request: Mapping[str, Any]) -> dict[str, Any]:
    """What each of the loaders `request["loaders"]` of diffusers hands to which model.

    `request["tensors"]` is a list of [name, shape, value or None]. Where a loader looks at values
    it is run a second time, for the other answer. Returns `loaders`: name -> a list of {"zero":
    bool, "calls": [[part, keys]], "error": text or None}, which is empty where this release has no
    such loader; a key is [name, shape].
    """
    _import_module("torch._values").LIMIT = VALUED
    rows = request["tensors"]
    return {
        "loaders": {name: _run_twice(name, rows) for name in request["loaders"]},
        "version": import_module("diffusers").__version__,
    }


def _run_twice(name: str, rows: list[Any]) -> list[dict[str, Any]]:
    loader = getattr(import_module("diffusers.loaders.lora_pipeline"), name, None)
    if loader is None:
        return []
    zeros = _Zeros()
    runs = [_run(loader, rows, zeros)]
    if zeros.looked:
        zeros.answer = False
        runs.append(_run(loader, rows, zeros))
    return runs


def _import_module(name: str) -> Any:
    """A module whose names are set here."""
    return import_module(name)


class _Zeros:
    """In the place of diffusers' question whether all values of some tensors are zero."""

    def __init__(self) -> None:
        self.answer = True
        self.looked = False
        _import_module("diffusers.loaders.lora_conversion_utils").state_dict_all_zero = self

    def __call__(self, state_dict: Mapping[str, Any], filter_str: Any = None) -> bool:
        """As `state_dict_all_zero` of `utils/state_dict_utils.py`: no such tensor is all zero."""
        words = [filter_str] if isinstance(filter_str, str) else filter_str
        if words and not any(word in name for name in state_dict for word in words):
            return True
        self.looked = True
        return self.answer


def _run(loader: Any, rows: list[Any], zeros: _Zeros) -> dict[str, Any]:
    _import_module("diffusers.utils").USE_PEFT_BACKEND = True  # asked by `require_peft_backend`
    calls: list[list[Any]] = []
    error = None
    try:
        _build_pipeline(loader, calls).load_lora_weights(dict(map(_build_named_tensor, rows)))
    except ERRORS as raised:
        error = f"{type(raised).__name__}: {' '.join(str(raised).split())}"[:1000]
    return {"zero": zeros.answer, "calls": calls, "error": error}


def _build_named_tensor(row: list[Any]) -> tuple[str, Any]:
    name, shape, value = row
    torch = import_module("torch")
    if value is not None:
        return name, torch.tensor(float(value)).reshape(shape)
    return name, torch.empty(shape)


def _build_pipeline(loader: Any, calls: list[list[Any]]) -> Any:
    """A pipeline of that loader whose models write down what they are given."""

    def record_encoder(_: Any, state_dict: Any, *__: Any, **named: Any) -> None:
        part = named.get("prefix") or "text_encoder"
        tensors = _strip_prefix(state_dict, part)
        calls.append([part, [[name, list(value.shape)] for name, value in tensors.items()]])

    def return_false(*_: Any, **__: Any) -> bool:
        return False

    def as_is(*_: Any, **named: Any) -> Any:
        return named["lora_state_dict"]

    parts = ("transformer", "unet", "prior", "connectors", "transformer_ref")
    body = {
        **{part: _Model(part, calls) for part in parts},
        "text_encoder": SimpleNamespace(),
        "text_encoder_2": SimpleNamespace(),
        "components": {},
        "load_lora_into_text_encoder": classmethod(record_encoder),
        # What these two do to the shapes of a model is told from the model's tree.
        "_maybe_expand_transformer_param_shape_or_error_": classmethod(return_false),
        "_maybe_expand_lora_state_dict": classmethod(as_is),
        "_load_norm_into_transformer": classmethod(return_false),
    }
    return type("Pipeline", (loader,), body)()


class _Model:
    """In the place of a model: keeps the names that its `load_lora_adapter` gets."""

    config = SimpleNamespace(
        layers_per_block=2, image_dim=None, in_channels=4, num_layers=0, num_attention_heads=1
    )
    device = "cpu"
    dtype = None

    def __init__(self, part: str, calls: list[list[Any]]) -> None:
        self._part = part
        self._calls = calls

    def load_lora_adapter(
        self, state_dict: dict[str, Any], prefix: str | None = "transformer", **_: Any
    ) -> None:
        """What diffusers does to the names before it gives them to PEFT."""
        tensors = state_dict if prefix is None else _strip_prefix(state_dict, prefix)
        is_lokr = any(".lokr_" in name for name in tensors)
        if tensors and not is_lokr and "lora_A" not in next(iter(tensors)):
            tensors = import_module(
                "diffusers.utils.state_dict_utils"
            ).convert_unet_state_dict_to_peft(tensors)
        rows = [[name, list(value.shape)] for name, value in tensors.items()]
        self._calls.append([self._part, rows])

    def named_modules(self) -> list[Any]:
        """No modules: what is asked of a model is asked of its tree."""
        return []

    def state_dict(self) -> dict[str, Any]:
        """No weights."""
        return {}


def _strip_prefix(state_dict: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    start = f"{prefix}."
    return {k.removeprefix(start): v for k, v in state_dict.items() if k.startswith(start)}
