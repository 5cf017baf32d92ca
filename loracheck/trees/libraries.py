"""The libraries whose models have trees: how a config is known as theirs, and who builds its tree.

Another library is one more entry of `LIBRARIES`. Where its `build` asks the builder's process, as
`builder.build` does, the library has a module there too (`skeleton/construct_diffusers.py` is one),
named in `_BUILDERS` of `skeleton/main.py`.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Protocol

    from .model import ModuleTree
else:
    Protocol = object


class Build(Protocol):
    """Builds the tree of a config. Raises BuildError."""

    def __call__(
        self,
        config: Mapping[str, Any],
        heads: Sequence[str],
        num_labels: int | None,
        python: str | None,
    ) -> ModuleTree:
        """The tree of the first of `heads` (model classes) that the config has, with a head for
        `num_labels`, built with the library of the interpreter `python` (None: this one).
        """


class Library(NamedTuple):
    """A Python library with model classes."""

    name: str
    """Its name, as its distribution is called."""

    config_file: str
    """Path of the config in a checkpoint's folder."""

    knows: Callable[[Mapping[str, Any]], bool]
    """Whether a config is one of this library's models."""

    build: Build
    """Builds the tree of such a config."""

    extra: str = "models"
    """The extra of loracheck that installs it."""

    sign: str = ""
    """The key of a config that shows that it is this library's, for the sentence that there is
    none.
    """


def find_library(config: Mapping[str, Any], name: str | None = None) -> Library | None:
    """The library that a config belongs to, among those that `list_libraries` gives; None where it
    is no model's config.
    """
    return next((library for library in list_libraries(name) if library.knows(config)), None)


def describe_missing_signs() -> str:
    """That a config is of no library: "it has no model_type and no _class_name"."""
    signs = (f"no {library.sign}" for library in LIBRARIES if library.sign)
    return f"it has {' and '.join(signs)}"


def list_libraries(name: str | None) -> tuple[Library, ...]:
    """The library of that name, or none; all of them for None."""
    return tuple(library for library in LIBRARIES if name in (None, library.name))


def _is_transformers_config(config: Mapping[str, Any]) -> bool:
    return "model_type" in config or "architectures" in config


def _build_with_transformers(
    config: Mapping[str, Any],
    heads: Sequence[str],
    num_labels: int | None,
    python: str | None,
) -> ModuleTree:
    from .builder import build

    return build(config, heads, num_labels, python)


def _is_diffusers_config(config: Mapping[str, Any]) -> bool:
    return isinstance(config.get("_class_name"), str) and "model_type" not in config


def _build_with_diffusers(
    config: Mapping[str, Any],
    heads: Sequence[str],
    num_labels: int | None,
    python: str | None,
) -> ModuleTree:
    from .builder import build

    return build(config, heads, num_labels, python, library="diffusers")


TRANSFORMERS = Library(
    "transformers",
    "config.json",
    _is_transformers_config,
    _build_with_transformers,
    sign="model_type",
)

DIFFUSERS = Library(
    "diffusers",
    "config.json",
    _is_diffusers_config,
    _build_with_diffusers,
    "diffusion",
    "_class_name",
)

LIBRARIES: tuple[Library, ...] = (TRANSFORMERS, DIFFUSERS)
"""The libraries, in the order in which they are asked whether a config is theirs."""
