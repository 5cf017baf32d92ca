"""`build()`: the module tree of a config.json, built by its library's own constructors in a child
process.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .bounds import check_bounds
from .build_error import BuildError
from .child import USUAL, ask
from .fold import TreeFormatError, decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from .child import Limits
    from .model import ModuleTree

__all__ = ["BuildError", "build"]


def build(
    config: Mapping[str, Any],
    heads: Sequence[str] = (),
    num_labels: int | None = None,
    python: str | None = None,
    limits: Limits = USUAL,
    library: str = "transformers",
) -> ModuleTree:
    """Build the tree of a config.json with the library (transformers or diffusers) of `python`
    (this interpreter by default).

    `heads` are tried in order: the end of an auto class ("CausalLM", "" for the base model) or the
    name of a class of the library; without any, the config's own architecture (diffusers:
    `_class_name`). Raises BuildError, also when the config's numbers are out of all bounds, or the
    child takes too long or crashes.
    """
    check_bounds(config, num_labels)
    request = {"config": config, "heads": list(heads), "num_labels": num_labels}
    answer = ask(request, python, limits, library)
    if not answer["ok"]:
        raise BuildError(str(answer["kind"]), str(answer["reason"]))
    try:
        return decode(answer["tree"])
    except TreeFormatError as error:
        raise BuildError("crash", f"the tree builder gave no tree: {error}") from error
