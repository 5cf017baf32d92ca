"""What of a config.json reaches a constructor: an allow-list.

A config is a stranger's. Numbers, truth values, names of things ("silu", "full_attention") and
lists and parts of those describe a model; a path, an address or the name of another checkpoint
sends the constructor elsewhere. Where the model's code knows the setting that has such a text there
is no tree, since one without it might be wrong; where it does not, the setting is left out.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

from .refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

QUANTISATION = ("quantization_config", "compression_config")
_LOADING = """
    attn_implementation _attn_implementation _attn_implementation_internal auto_map cache_dir
    code_revision custom_pipelines experts_implementation _experts_implementation force_download
    kernel_config local_files_only proxies revision subfolder token trust_remote_code use_auth_token
    use_kernels
"""
_LEFT_OUT = frozenset(_LOADING.split()) | {*QUANTISATION}
"""Settings of how a checkpoint is loaded, at any depth. A tree depends on none of them."""

_ARGUMENTS = """
    always_partition features_only freeze_batch_norm_2d image_size img_size in_chans num_channels
    out_features out_indices output_stride pretrained return_idx use_pretrained_backbone
    use_timm_backbone
"""
_PASSED_ON = frozenset(_ARGUMENTS.split())
"""What a `..._kwargs` may hold: it goes to another function as its arguments. Source: the
configuration files of transformers 4.51 to 5.23, and configs that they have saved."""

_ELSEWHERE = "_name_or_path"
"""The address that a config was once loaded from. That there is one is kept: some classes (Xcodec
of transformers 4) load from it, and are then refused."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"(?![.~])(?![A-Za-z]:)[^\x00-\x1f\x7f/\\]{0,10000}")
_DEEPEST = 16
"""Levels of a config; real ones have six."""


def admit(settings: Mapping[str, Any], cls: type, classes: Mapping[str, type]) -> dict[str, Any]:
    """The settings that may reach the constructor of `cls`; `classes` has the classes of parts by
    model_type.

    Raises RefusalError where one that the model's code knows is a path, an address or another
    checkpoint.
    """
    return _admit_settings(_strip_texts(settings), cls, classes, ())


def admit_arguments(settings: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The settings that may reach a constructor which takes them as its own arguments, `names`.

    Raises RefusalError where one of them is a path, an address or another checkpoint.
    """
    admitted: dict[str, Any] = {}
    for name, value in _strip_texts(settings).items():
        if name not in names or name.startswith("_"):
            continue
        odd = _describe_odd_value(value, name.endswith("_kwargs"))
        if odd is not None:
            raise RefusalError("not-allowed", f"{name} {odd}")
        admitted[name] = value
    return admitted


def _admit_settings(
    settings: Mapping[str, Any], cls: type, classes: Mapping[str, type], above: tuple[str, ...]
) -> dict[str, Any]:
    admitted: dict[str, Any] = {}
    for name, value in settings.items():
        part = _find_class(value, classes)
        if _NAME.fullmatch(name) is None or name.startswith("__"):
            continue
        if part is not None:
            admitted[name] = _admit_settings(value, part, classes, (*above, name))
            continue
        odd = _describe_odd_value(value, name.endswith("_kwargs"))
        if odd is None:
            admitted[name] = value
        elif _mentions(cls, name):
            raise RefusalError("not-allowed", f"{'.'.join((*above, name))} {odd}")
    return admitted


def _find_class(value: object, classes: Mapping[str, type]) -> type | None:
    kind = value.get("model_type") if isinstance(value, dict) else None
    return classes[kind] if isinstance(kind, str) and kind in classes else None


def _mentions(cls: type, name: str) -> bool:
    """Whether the code of the class's model, or transformers' code for backbones, knows that name.

    A signature does not tell: what transformers 5 does with a backbone's name it takes from
    `**kwargs`.
    """
    word = re.compile(rf"\b{name}\b")
    return any(word.search(text) for text in _read_code(cls.__module__))


def _read_code(module: str) -> Iterator[str]:
    folder = os.path.dirname(str(sys.modules[module].__file__))
    root = os.path.dirname(str(sys.modules["transformers"].__file__))
    files = [
        name for name in os.listdir(folder) if name.startswith(("configuration_", "modeling_"))
    ]
    shared = [
        os.path.join(root, *name)
        for name in (("backbone_utils.py",), ("utils", "backbone_utils.py"))
    ]
    for path in (*(os.path.join(folder, name) for name in files), *shared):
        if path.endswith(".py") and os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                yield file.read()


def _strip_texts(value: Any, depth: int = 0) -> Any:
    """Without what is never passed on, and without texts for people."""
    if depth > _DEEPEST:
        raise RefusalError("invalid-config", f"config.json is nested deeper than {_DEEPEST} levels")
    if isinstance(value, list):
        return [_strip_texts(each, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _replace_text(name, _strip_texts(each, depth + 1))
        for name, each in value.items()
        if name not in _LEFT_OUT
    }


def _replace_text(name: str, value: Any) -> Any:
    if name == _ELSEWHERE and isinstance(value, str) and value:
        return "elsewhere"
    if name == "id2label" and isinstance(value, dict):
        return {number: f"LABEL_{place}" for place, number in enumerate(value)}
    if name == "label2id" and isinstance(value, dict):
        return {f"LABEL_{place}": number for place, number in enumerate(value.values())}
    return value


def _describe_odd_value(value: Any, passed_on: bool = False) -> str | None:
    """What a value has that no constructor is given, in words; None for a plain one."""
    if isinstance(value, str):
        return None if _PLAIN.fullmatch(value) else f"names a place elsewhere ({value[:80]!r})"
    if isinstance(value, dict):
        other = next((n for n in value if passed_on and n not in _PASSED_ON), None)
        if other is not None:
            return f"holds {other[:80]!r}"
        return next(
            (odd for each in (*value, *value.values()) if (odd := _describe_odd_value(each))), None
        )
    if isinstance(value, list):
        return next((odd for each in value if (odd := _describe_odd_value(each))), None)
    return None
