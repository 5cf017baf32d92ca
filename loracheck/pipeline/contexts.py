"""From a document to what rules are given: each of its LoRA settings with its model's tree."""

from __future__ import annotations

from functools import partial
from os.path import dirname

from loracheck.documents import read
from loracheck.documents.model import Reason, Unknown
from loracheck.plan.matching.match_limits import allowance
from loracheck.records import replace
from loracheck.releases.choose import ReleasePair, choose
from loracheck.releases.peft import choose_peft_release
from loracheck.rules import RuleContext
from loracheck.tools import find_settings
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.bundle import find_other_trees
from loracheck.trees.sources.class_names import find_by_class
from loracheck.trees.sources.request import NO_MODEL, Request, ResolvedTree
from loracheck.trees.submodule import select_submodule
from loracheck.trees.wrapped_tree import wrap_tree
from loracheck.type_checking import TYPE_CHECKING

from .alternatives import add_alternatives
from .own_model import build_part_requests, resolve_own_model
from .own_pins import add_own_pins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings
    from loracheck.tools.core.setting import Setting
    from loracheck.trees.model import ModuleTree
    from loracheck.trees.sources.bundle import OtherTree

DIFFUSERS = "diffusers"
"""`ModuleTree.library` of models that stand in a folder of their checkpoint."""


def read_contexts(
    path: str, settings: LintSettings, text: bytes | str | None = None
) -> list[RuleContext]:
    """The context of every LoRA setting of a file, or of its unsaved text. Raises DocumentError and
    OSError for what cannot be read.
    """
    return build_contexts(read(path, text), settings, on_disk=text is None)


def build_contexts(
    document: Document, settings: LintSettings, *, on_disk: bool = False
) -> list[RuleContext]:
    """The context of every LoRA setting of a document. `on_disk` tells whether the document is a
    file's content, so that the weights beside it belong to it.
    """
    settings = add_own_pins(settings, document)
    return build_contexts_of(find_settings(document), settings, on_disk=on_disk)


def build_contexts_of(
    found: Iterable[Setting], settings: LintSettings, *, on_disk: bool
) -> list[RuleContext]:
    """The contexts of all LoRA settings of one document, in its order, under settings that have its
    own pins.
    """
    allowance.renew()
    return [
        build_context(setting, settings, on_disk, first=number == 0)
        for number, setting in enumerate(found)
    ]


def list_model_requests(
    path: str, model: str | None = None, text: bytes | str | None = None
) -> list[Request]:
    """The models that the settings of a file (or of its unsaved text) name, or `model` for each of
    them. Raises DocumentError and OSError for what cannot be read.
    """
    settings = find_settings(read(path, text))
    model_requests = [_request(setting, model) for setting in settings]
    requests = [request for request in model_requests if isinstance(request, Request)]
    for setting in settings if model is None else ():
        if setting.own_model is not None:
            beside = dirname(setting.document.path) or "."
            requests += build_part_requests(setting.own_model, beside).values()
    return requests


def build_context(
    setting: Setting, settings: LintSettings, on_disk: bool = False, *, first: bool = True
) -> RuleContext:
    """The context of one setting; `first` says whether it is the first of its document."""
    request = _request(setting, settings.model)
    folder = dirname(setting.document.path) or "."
    peft = choose_peft_release(
        *(folder, settings.peft, settings.trees.python), settings.trees.own_pins
    )
    other_trees: Callable[[], Sequence[OtherTree]] = tuple
    own_tree: Callable[[], ModuleTree | None] | None = None
    if settings.find_tree is not None and not setting.own_lora:
        resolved = settings.find_tree(Request("", None, setting.heads, setting.num_labels, folder))
    elif setting.own_model is not None and settings.model is None and not setting.own_lora:
        resolved = resolve_own_model(setting.own_model, folder, settings.trees)
    elif isinstance(request, ResolvedTree):
        resolved = request
    else:
        resolved = resolve(request._replace(names_do=True), settings.trees)
        here = resolved.tree.transformers if resolved.tree else None
        other_trees = partial(find_other_trees, request.model, request.heads, here)
        own_tree = partial(_find_own_tree, request, settings)
    resolved = _fall_back_to_class(resolved, setting, settings)
    resolved = add_alternatives(resolved, setting, folder, settings)
    if setting.submodule and resolved.tree is not None:
        resolved = _select_submodule(resolved, resolved.tree, setting)
        other_trees, own_tree = tuple, None
    prefix = setting.behaviour.wrapper
    if prefix and resolved.tree is not None:
        rival = resolved.rival and wrap_tree(resolved.rival, prefix)
        resolved = resolved._replace(tree=wrap_tree(resolved.tree, prefix), rival=rival)
        other_trees, own_tree = tuple, None
    return RuleContext(
        _add_embedding_names(setting, resolved.tree),
        resolved,
        peft.to_follow,
        first,
        other_trees,
        settings.options,
        settings.serve,
        on_disk,
        own_tree,
        settings.policies,
        partial(choose_pair, folder, settings),
    )


def choose_pair(folder: str, settings: LintSettings) -> ReleasePair:
    """The transformers and PEFT releases that run the files of a folder."""
    options = settings.trees
    return ReleasePair(
        choose(*("transformers", folder, options.transformers, options.python), options.own_pins),
        choose("peft", folder, settings.peft, options.python, options.own_pins),
    )


def _fall_back_to_class(
    resolved: ResolvedTree, setting: Setting, settings: LintSettings
) -> ResolvedTree:
    """The tree, or where there is none the names of the class that the file loads its model with:
    they hold for a model that is known only at run time, or lies in a folder, as well.
    """
    is_chosen = settings.model is not None or settings.find_tree is not None
    if resolved.tree is not None or resolved.kind is not None or is_chosen or setting.own_lora:
        return resolved
    part = setting.part is not None  # its class is that of diffusers, whatever the folder is called
    if setting.own_model is not None or not (part or setting.class_given):
        return resolved
    by_class = find_by_class(setting.heads or _list_classes_of_part(setting))
    tree = by_class.tree if by_class is not None else None
    return by_class if by_class and tree and (tree.library == DIFFUSERS) == part else resolved


def _list_classes_of_part(setting: Setting) -> tuple[str, ...]:
    """The class of the part of a pipeline whose class the file names; none where it tells none."""
    pipeline = setting.behaviour.pipeline
    if not pipeline or setting.part is None:
        return ()
    from loracheck.trees.pipeline_classes import find_class_of_part

    cls = find_class_of_part(pipeline, setting.part)
    return (cls,) if cls is not None else ()


def _select_submodule(resolved: ResolvedTree, tree: ModuleTree, setting: Setting) -> ResolvedTree:
    """The tree of the module inside of the model that the adapter is put on. Without targets of its
    own PEFT goes by the config of that module, which is not known.
    """
    submodule = select_submodule(tree, setting.submodule)
    if submodule is None or not setting.fields.get("target_modules"):
        reason = f"the adapter is put on `{setting.submodule}` of {tree.cls}"
        return resolved._replace(tree=None, source=None, rival=None, reason=reason, help=None)
    rival = resolved.rival and select_submodule(resolved.rival, setting.submodule)
    source = f"{resolved.source}, its `{setting.submodule}`"
    return resolved._replace(tree=submodule, source=source, rival=rival)


def _add_embedding_names(setting: Setting, tree: ModuleTree | None) -> Setting:
    """The setting with the model's own names of the embeddings that the tool trains in full."""
    if tree is None or not setting.behaviour.saves_embeddings:
        return setting
    ends = (tree.input_embeddings, tree.output_embeddings)
    names = [name.rpartition(".")[2] for name in ends if name]
    if not names and tree.partial:
        return setting  # the names of a class do not always tell its ends
    return replace(setting, fields={**setting.fields, "modules_to_save": names})


def _find_own_tree(request: Request, settings: LintSettings) -> ModuleTree | None:
    """The tree of the checkpoint's own class."""
    return resolve(request._replace(heads=(), num_labels=None), settings.trees).tree


def _request(setting: Setting, override: str | None) -> Request | ResolvedTree:
    """The tree to look for, or the reason why there is nothing to look for."""
    if setting.own_lora and not setting.behaviour.is_held_against_model():
        return ResolvedTree(None, reason=setting.own_lora)
    if setting.layout is not None and override is None:
        from loracheck.trees.layouts import resolve_layout

        return resolve_layout(setting.layout)
    model = override or setting.model
    if isinstance(model, Reason):
        return NO_MODEL._replace(reason=model.text)
    if isinstance(model, Unknown):
        return NO_MODEL._replace(
            reason=f"the base model is not known before run time: {model.text}"
        )
    if not model:
        return NO_MODEL
    beside = dirname(setting.document.path) or "."
    return Request(
        *(model, setting.revision, setting.heads, setting.num_labels, beside), part=setting.part
    )
