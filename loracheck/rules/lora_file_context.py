"""`LoraFileContext`: one LoRA file with its model's tree, as the rules on LoRA files get it."""

from __future__ import annotations

from functools import cached_property

from loracheck.lora_files.bases import convert_as_lora, find_bases
from loracheck.lora_files.naming import ModelNames, collect_own_layers, find_own_name
from loracheck.lora_files.reach import convert_names, find_loader, hold_against
from loracheck.lora_files.sides import UNKNOWN
from loracheck.named_tuple import NamedTuple
from loracheck.trees.build_error import BuildError
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.engines import Engine
    from loracheck.lora_files.bases import Base
    from loracheck.lora_files.model import LoraFile, LoraModule
    from loracheck.lora_files.reach import Fit, Names
    from loracheck.trees.model import ModuleTree
    from loracheck.trees.sources.request import ResolvedTree


class LoaderResult(NamedTuple):
    """What diffusers makes of the file; `reason` says why that is not known."""

    names: Names | None
    reason: str | None = None


class LoraFileContext:
    """One LoRA file with all that is known about it.

    `resolved` is the tree of the base model or the reason why there is none; `model` its name, and
    `named_by` the key of the metadata that names it, None where the caller does; `serve` are the
    programs that are to load the file, `python` an interpreter whose diffusers is meant.

    What is expensive (diffusers' loader, the search for base models) is done when a rule first
    reads it.
    """

    def __init__(
        self,
        file: LoraFile,
        resolved: ResolvedTree,
        model: str | None = None,
        named_by: str | None = None,
        serve: tuple[Engine, ...] = (),
        python: str | None = None,
    ) -> None:
        self.file = file
        self.resolved = resolved
        self.model = model
        self.named_by = named_by
        self.engines = serve
        self.python = python

    @property
    def tree(self) -> ModuleTree | None:
        """The base model's tree; None where it is not known with its classes and sizes, or is of
        no model of diffusers.
        """
        tree = self.resolved.tree
        return tree if tree is not None and not tree.partial else None

    @property
    def is_for_diffusers(self) -> bool:
        """Whether the base model is one of diffusers."""
        return self.tree is not None and self.tree.library == "diffusers"

    @cached_property
    def loader_result(self) -> LoaderResult:
        """What diffusers' loader for the model makes of the file's names."""
        loader = find_loader(self.tree) if self.tree is not None and self.is_for_diffusers else None
        if loader is None:
            return LoaderResult(None, "diffusers has no LoRA loader for this model")
        if not self.file.changed:
            return LoaderResult(None, "it has no LoRA in it")
        try:
            names = convert_names(self.file, [loader], self.python).get(loader)
        except BuildError as error:
            return LoaderResult(None, error.reason)
        return LoaderResult(names, None if names else f"this release of diffusers has no {loader}")

    @cached_property
    def own_fit(self) -> Fit | None:
        """The modules whose names are the model's own, held against it; None where none is."""
        if self.tree is None:
            return None
        layers = collect_own_layers(self.file, ModelNames(self.tree))
        return hold_against(layers, self.tree) if layers else None

    @cached_property
    def loaded_fit(self) -> Fit | None:
        """The layers that diffusers gives to the model, held against it."""
        names = self.loader_result.names
        if names is None or self.tree is None:
            return None
        return hold_against(names.layers, self.tree)

    @cached_property
    def fit(self) -> Fit | None:
        """The file held against the model, by the names that more of its layers are known by; None
        where none is known.
        """
        each = (self.loaded_fit, self.own_fit, self._fit_as_lora)
        fits = [fit for fit in each if fit and _count_known_layers(fit)]
        return max(fits, key=_count_known_layers, default=None)

    @cached_property
    def _fit_as_lora(self) -> Fit | None:
        """Where diffusers does not load the file as it has changes other than LoRA: the layers that
        their names mean, held against the model.
        """
        names, tree = self.loader_result.names, self.tree
        modules = [module for module in self.file.denoiser if module.sides != UNKNOWN]
        if names is None or tree is None or not (names.error or not names.layers):
            return None
        if all(module.kind == "lora" for module in modules):
            return None
        try:
            fit = convert_as_lora(modules, self.file, [names.loader], self.python)
        except BuildError:
            return None
        return hold_against(fit[names.loader].layers, tree)

    @cached_property
    def bases(self) -> list[Base]:
        """The bundled models that have every layer of the file in its size."""
        return find_bases(self.file, self.python)

    def find_strangers(self) -> list[LoraModule]:
        """The modules that the model does not have, where diffusers' loader does not take the file,
        some names are the model's own, and all of them are those of other models; else none.
        """
        tree, names = self.tree, self.loader_result.names
        if tree is None or self.own_fit is None or (names is not None and names.error is None):
            return []
        model_names = ModelNames(tree)
        strangers = [one for one in self.file.denoiser if find_own_name(one, model_names) is None]
        return strangers if strangers and self.is_foreign else []

    @property
    def is_foreign(self) -> bool:
        """Whether all of its layers are those of bundled models of other classes; the UNet of SDXL,
        which has a loader of its own, counts as one.
        """
        class_name = _describe_class(self.tree) if self.tree is not None else None
        return bool(self.bases) and all(
            _describe_class(base.tree) != class_name for base in self.bases
        )

    def serves(self, name: str) -> bool:
        """Whether a program is to load the file."""
        return any(engine.name == name for engine in self.engines)


def _describe_class(tree: ModuleTree) -> tuple[str | None, str | None]:
    return tree.cls, find_loader(tree)


def _count_known_layers(fit: Fit) -> int:
    """How many layers the model has by name."""
    return len(fit.reached) + len(fit.misfits)
