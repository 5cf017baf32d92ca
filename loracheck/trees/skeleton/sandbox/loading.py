"""Blocks the libraries' own functions that load another checkpoint or run its code.

A tree is built from one config.json. Nothing on the way to it may load a second config, weights or
a checkpoint's Python files: in either library all of that passes through four functions.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NoReturn

from .refusal import NotAllowedError


def forbid(library: str = "transformers") -> None:
    """Replace the functions of a library; what calls them raises NotAllowedError."""
    if library == "diffusers":
        _forbid_diffusers()
        return
    code: Any = import_module("transformers.dynamic_module_utils")
    code.get_cached_module_file = _refuse_code
    code.get_class_in_module = _refuse_code
    _find_base_class("transformers.configuration_utils", "Config").get_config_dict = classmethod(
        _refuse_config
    )
    _find_base_class("transformers.modeling_utils", "Model").from_pretrained = classmethod(
        _refuse_weights
    )


def _forbid_diffusers() -> None:
    """Source: diffusers 0.40.0, `configuration_utils.py`, `models/modeling_utils.py`,
    `utils/dynamic_modules_utils.py`; the same names in 0.30.
    """
    code: Any = import_module("diffusers.utils.dynamic_modules_utils")
    code.get_cached_module_file = _refuse_code
    code.get_class_in_module = _refuse_code
    configs: Any = import_module("diffusers.configuration_utils").ConfigMixin
    configs.load_config = classmethod(_refuse_config)
    models: Any = import_module("diffusers.models.modeling_utils").ModelMixin
    models.from_pretrained = classmethod(_refuse_weights)


def _find_base_class(module: str, end: str) -> Any:
    """transformers' base class, under the name of either line (PretrainedConfig,
    PreTrainedConfig).
    """
    owner = import_module(module)
    return next(
        getattr(owner, name)
        for name in (f"PreTrained{end}", f"Pretrained{end}")
        if hasattr(owner, name)
    )


def _refuse_code(*args: Any, **_: Any) -> NoReturn:
    raise NotAllowedError(f"running the code of a checkpoint ({_format_first(args)})")


def _refuse_config(_: type, *args: Any, **__: Any) -> NoReturn:
    raise NotAllowedError(f"reading the config of another checkpoint ({_format_first(args)})")


def _refuse_weights(_: type, *args: Any, **__: Any) -> NoReturn:
    raise NotAllowedError(f"loading the weights of a checkpoint ({_format_first(args)})")


def _format_first(args: tuple[Any, ...]) -> str:
    return repr(args[0])[:100] if args else "unnamed"
