"""From a path to a `LoraFileReport`: what is in a LoRA file, and what it does to its model."""

from __future__ import annotations

from collections import Counter

from loracheck.explain.file.streams import ORDER, find_layer_component
from loracheck.lora_files.model import DENOISER
from loracheck.lora_files.naming import LAYOUTS, count_change_kinds, count_layouts, count_parameters
from loracheck.lora_files.reach import LORA_KINDS, find_error
from loracheck.named_tuple import NamedTuple
from loracheck.pipeline.lora_file import find_hits, read_lora_context
from loracheck.rules.lora_file_context import LoraFileContext
from loracheck.trees.sources.request import ResolvedTree
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.findings import Finding
    from loracheck.lora_files.model import LoraFile
    from loracheck.options.lint_settings import LintSettings
    from loracheck.trees.model import ModuleTree


class Component(NamedTuple):
    """One part of the model."""

    name: str
    reached: int
    """Layers that the LoRA changes."""
    total: int
    """Layers that LoRA could change."""


class LoraFileReport(NamedTuple):
    """What there is to say about one LoRA file; None for what is not known."""

    path: str
    tensors: int
    modules: int
    parameters: int
    layouts: dict[str, int]
    """Layout in words -> modules."""
    kinds: dict[str, int]
    parts: dict[str, int]
    ranks: dict[int, int]
    """Rank -> modules."""
    scales: dict[str, int]
    """What a module's change is multiplied by, in words -> modules."""
    dialect: str | None
    base: str | None
    """The base model by the metadata, with the key that names it."""
    model: str | None
    model_class: str | None
    source: str | None
    reason: str | None
    """Why it is held against no model."""
    fits: tuple[str, ...]
    """Known base models that have all of its layers."""
    loader: str | None
    """diffusers' loader and release."""
    reached: int | None
    total: int | None
    loading: str | None
    """What diffusers raises, or why it is not known what it does."""
    missing: tuple[str, ...]
    components: tuple[Component, ...]
    findings: tuple[Finding, ...]


MOST_NAMES = 20
"""Names of layers that a report lists."""


def assess_lora_file(path: str, settings: LintSettings) -> LoraFileReport:
    """The report of a LoRA file. Without a base model the first that its sizes fit is taken.
    Raises LoraFileError for what cannot be read.
    """
    file_context = read_lora_context(path, settings)
    context = file_context if file_context.tree is not None else _add_fitting_base(file_context)
    file, tree = context.file, context.tree
    names, fit = context.loader_result.names, context.fit
    error = context.loader_result.reason if file.changed else None
    if names is not None and tree is not None:
        error = find_error(names, tree)
    return LoraFileReport(
        path,
        len(file.tensors),
        len(file.changed),
        count_parameters(file),
        {LAYOUTS[layout]: count for layout, count in count_layouts(file).items()},
        count_change_kinds(file),
        file.parts,
        dict(sorted(Counter(m.rank for m in file.changed if m.rank is not None).items())),
        _count_scalings(file),
        file.metadata.dialect,
        f"{file.metadata.base} ({file.metadata.base_key})" if file.metadata.base else None,
        context.model,
        tree.cls if tree else None,
        context.resolved.source,
        context.resolved.reason if tree is None else None,
        tuple(base.name for base in file_context.bases),
        f"{names.loader} of diffusers {names.version}" if names else None,
        len(fit.reached) if fit else None,
        _count_layers(tree) if tree else None,
        error if tree is not None else None,
        fit.missing[:MOST_NAMES] if fit else (),
        _count_components(fit.reached, tree) if fit and tree else (),
        find_hits(file_context, settings, path),
    )


def _add_fitting_base(context: LoraFileContext) -> LoraFileContext:
    """The file held against the best known model that its sizes fit; as given where none does."""
    if not context.bases or context.model is not None:
        return context
    base = context.bases[0]
    resolved = ResolvedTree(base.tree, "bundled, the best known of those that its sizes fit")
    return LoraFileContext(context.file, resolved, base.name, None, context.engines, context.python)


def _count_scalings(file: LoraFile) -> dict[str, int]:
    """Alpha over rank of each module, and where the alpha is from."""
    metadata = file.metadata
    words: Counter[str] = Counter()
    for module in file.changed:
        rank = module.rank
        if "alpha" in module.tensors:
            alpha = module.alpha
            text = f"{alpha / rank:g}" if alpha is not None and rank else "not known"
            words[f"{text} (alpha {alpha:g})" if alpha is not None else text] += 1
        elif metadata.alpha is not None and rank:
            words[
                f"{metadata.alpha / rank:g} (alpha {metadata.alpha:g}, by {metadata.alpha_key})"
            ] += 1
        else:
            words["1 (no alpha)"] += 1
    return dict(words.most_common())


def _count_layers(tree: ModuleTree) -> int:
    return sum(module.node.kind in LORA_KINDS for module in tree.modules())


def _count_components(reached: tuple[str, ...], tree: ModuleTree) -> tuple[Component, ...]:
    """The layers of the model by component, those without any left out."""
    total = Counter(
        find_layer_component(module.name)
        for module in tree.modules()
        if module.node.kind in LORA_KINDS
    )
    counts = Counter(map(find_layer_component, reached))
    return tuple(Component(name, counts[name], total[name]) for name in ORDER if total[name])


def describe_part(part: str) -> str:
    """A part of the pipeline in words."""
    return "the model" if part == DENOISER else part.replace("_", " ")
