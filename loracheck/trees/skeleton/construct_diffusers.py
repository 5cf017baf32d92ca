"""From a config.json with `_class_name` to a built model, with nothing but diffusers' own code."""

from __future__ import annotations

import sys
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_refusal = import_module("sandbox.refusal")
_admission = import_module("sandbox.admission")
_quantisation = import_module("construct").describe_quantisation


def prepare() -> None:
    """Import all that every build takes of diffusers, and shut its own ways to checkpoints."""
    import_module("diffusers")
    import_module("diffusers.models.modeling_utils")
    import_module("sandbox.loading").forbid("diffusers")


def construct(
    settings: Mapping[str, Any], heads: Sequence[str] = (), num_labels: int | None = None
) -> tuple[Any, str, dict[str, Any]]:
    """Build the model of a config.json on the meta device.

    Returns the model, the name of its class and facts about the config (`quantization`). The class
    is the first of `heads` that is a model of diffusers, else the config's `_class_name`. Raises
    RefusalError where diffusers has no such model; what its constructors raise passes through.
    """
    import_module("torch.nn.modules._count").COUNT.start()
    cls = _choose_model_class(settings, heads)
    names = signature(cls.__init__).parameters
    arguments = _admission.admit_arguments(settings, names)
    with import_module("torch").device("meta"):
        model = cls.from_config({**arguments, "_class_name": cls.__name__})
    return model, cls.__name__, _quantisation(settings)


def _choose_model_class(settings: Mapping[str, Any], heads: Sequence[str]) -> Any:
    class_name = settings.get("_class_name")
    model_class = next(
        (cls for cls in map(find_model_class, (*heads, class_name)) if cls is not None), None
    )
    if model_class is not None:
        _require_own_parts(model_class)
        return model_class
    version = import_module("diffusers").__version__
    if settings.get("auto_map"):
        reason = f"diffusers {version} does not know {class_name!r}"
        raise _refusal.RefusalError(
            "remote-code", f"{reason}; its code comes with the checkpoint and is not run"
        )
    raise _refusal.RefusalError(
        "unknown-model-type", f"no model class {class_name!r} in diffusers {version}"
    )


def _require_own_parts(cls: type) -> None:
    """Refuse a class that is made of parts of transformers, which are hidden here (AutoencoderRAE
    of 0.40.0; its module asks whether transformers is there).
    """
    if hasattr(sys.modules[cls.__module__], "is_transformers_available"):
        raise _refusal.RefusalError(
            "needs-package", f"{cls.__name__} is made of parts of transformers"
        )


def find_model_class(name: object) -> Any:
    """The class of diffusers' models of that name, which has to be built from a config of its own;
    None for anything else (a pipeline, a scheduler, a container of several models).
    """
    if not isinstance(name, str) or not name.isidentifier():
        return None
    models = import_module("diffusers.models")
    cls = getattr(models, name, None)
    base = import_module("diffusers.models.modeling_utils").ModelMixin
    if not isinstance(cls, type) or not issubclass(cls, base) or not hasattr(cls, "from_config"):
        return None
    return cls
