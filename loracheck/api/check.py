"""`check`, `explain` and `tree`: what a program calls."""

from __future__ import annotations

import os
import sys
from functools import cache

from loracheck.documents import read
from loracheck.named_tuple import NamedTuple
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import check_file
from loracheck.trees.sources.request import TreeOptions
from loracheck.type_checking import TYPE_CHECKING

from .config_source import find_config
from .errors import ModelError
from .explanation import Explanation
from .model_source import find_model, resolve_model
from .report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from loracheck.documents.model import Document
    from loracheck.explain.file.impact import Impact
    from loracheck.options.lint_settings import LintSettings
    from loracheck.trees.model import ModuleTree

    from .config_source import ConfigSource

IMPORTED = "imported"
"""Why a PEFT release judges: it is the one that made the objects."""


def check(
    config: Any,
    model: Any = None,
    *,
    peft: str | None = None,
    transformers: str | None = None,
    serve: Iterable[str] | str = (),
    select: Iterable[str] | str | None = None,
    policy: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] = (),
    name: str | None = None,
) -> Report:
    """Lint one config.

    `config`: a path (of any file that `loracheck check` reads), an adapter's folder, a text, a dict
    (a tool's mapping, an adapter_config.json's values or LoraConfig's keywords), an object of
    PEFT's LoraConfig, or a live model with a LoRA adapter. `model`: the model to judge by instead
    of the config's own: an id, a folder, a config.json or its values, a ModuleTree, or a live
    `nn.Module`.
    `peft` and `transformers` are the releases to judge by: those that the objects are of, else as
    for the command. `serve` names engines, `select` the rules to run, `policy` the files of
    policies. `name` gives a text its name
    and format ("train.yaml"). A file is judged by the settings file above it, as by the command.

    Raises OSError for a file that cannot be opened, TypeError and ValueError for what is no config
    or no model, ModelError for a model that cannot be had, OptionError and SettingsError for
    options that make no sense. What is wrong with the config is no exception, but in the report.
    """
    job = _prepare(config, model, peft, transformers, serve, select, name, policy)
    path, text = job.source.path, job.source.text
    result = check_file(path, path, job.settings, text)
    if result.failures:
        raise ModelError("; ".join(result.failures))
    if job.imported:
        marked = (one._replace(peft_from=IMPORTED) for one in result.settings)
        result = result._replace(settings=tuple(marked))
    assess = cache(lambda: _assess(job, read(path, text)))
    return Report(result, assess, on_disk=text is None)


def explain(
    config: Any,
    model: Any = None,
    *,
    peft: str | None = None,
    transformers: str | None = None,
    serve: Iterable[str] | str = (),
    name: str | None = None,
) -> Explanation:
    """What a config does to its model; arguments and errors are those of `check`. Without `serve`
    all known engines are asked. Raises DocumentError for a text that cannot be read.
    """
    job = _prepare(config, model, peft, transformers, serve, None, name)
    document = read(job.source.path, job.source.text)
    return Explanation(_assess(job, document), job.source.path)


def tree(
    model: Any,
    *,
    heads: Iterable[str] | str = (),
    num_labels: int | None = None,
    transformers: str | None = None,
) -> ModuleTree:
    """The module tree of a model: an id, a folder, a config.json or its values, or a live module.

    `heads` are classes to try ("CausalLM", "BertModel"), `num_labels` the size of a new head;
    neither counts for a live module. Raises ModelError where the tree cannot be had, ValueError for
    a live module that cannot be read, TypeError for what is no model.
    """
    if model is None:
        raise TypeError("a model is needed: an id, a path, a config.json's values or a module")
    resolved = resolve_model(model, TreeOptions(transformers), _convert_to_tuple(heads), num_labels)
    if resolved.tree is None:
        parts = (resolved.reason or "no such model", resolved.help)
        raise ModelError("; ".join(part for part in parts if part))
    return resolved.tree


class _Job(NamedTuple):
    """A config and the settings that it is judged under; `imported` says that the PEFT release is
    the one that is imported here.
    """

    source: ConfigSource
    settings: LintSettings
    imported: bool


def _prepare(
    config: Any,
    model: Any,
    peft: str | None,
    transformers: str | None,
    serve: Iterable[str] | str,
    select: Iterable[str] | str | None,
    name: str | None,
    policy: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] = (),
) -> _Job:
    source = find_config(config, name)
    trees = TreeOptions(transformers)
    given = find_model(config if model is None and _is_live(config, source) else model, trees)
    imported = None
    if peft is None and (source.live or given.live):
        imported = getattr(sys.modules.get("peft"), "__version__", None)
    options = RunOptions(
        model=given.name,
        peft=peft or imported,
        transformers=transformers,
        select=_convert_to_tuple(select or ()),
        isolated=source.text is not None,
        serve=_convert_to_tuple(serve),
        policy=_convert_to_tuple(policy),
    )
    settings = resolve_settings(options, (source.path,)).for_path(source.path)
    settings = settings._replace(find_tree=given.find_tree)
    return _Job(source, settings, imported is not None)


def _is_live(config: Any, source: ConfigSource) -> bool:
    """Whether the config was taken from a live model, which is then the one to judge by."""
    from loracheck.trees.live import is_module

    return source.live and is_module(config)


def _assess(job: _Job, document: Document) -> list[Impact]:
    from loracheck.explain.file.assess_file import assess_document

    return assess_document(document, job.settings, on_disk=job.source.text is None)


def _convert_to_tuple(
    words: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
) -> tuple[str, ...]:
    several = (words,) if isinstance(words, (str, os.PathLike)) else words
    return tuple(os.fspath(word) for word in several)
