"""How a config is looked at: another model, a PEFT release, servers. Nothing of it is written."""

from __future__ import annotations

from functools import cache

from loracheck.explain.file.assess_file import UNUSED
from loracheck.named_tuple import NamedTuple
from loracheck.options.lint_settings import LintSettings
from loracheck.rules import list_all_rules
from loracheck.trees.sources.bundle import load_index
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def select_all_rules(path: str) -> LintSettings:
    """A job with all rules and nothing from a settings file."""
    return LintSettings(frozenset(rule.code for rule in list_all_rules()))


class ViewOptions(NamedTuple):
    """`model` stands in for the file's own one, `peft` is the release to judge by, `serve` the
    engine ("vllm==0.11") that is to serve the adapter; None for none. `jobs` gives the job that the
    settings file asks for at a path.
    """

    model: str | None = None
    peft: str | None = None
    serve: str | None = None
    lint_settings: Callable[[str], LintSettings] = select_all_rules


def make_lint_settings(options: ViewOptions, path: str) -> LintSettings:
    """The job that judges a file as it is looked at."""
    lint_settings = options.lint_settings(path)
    return lint_settings._replace(
        # One setting is judged at a time: a comment may stand for another one.
        codes=lint_settings.codes - UNUSED,
        model=options.model or lint_settings.model,
        peft=options.peft or lint_settings.peft,
        serve=(options.serve,) if options.serve else lint_settings.serve,
    )


@cache
def list_models() -> tuple[str, ...]:
    """The bundled models' ids, sorted without regard to case."""
    return tuple(sorted(load_index().entries, key=str.lower))


def may_build(model: str) -> bool:
    """Whether the model's tree may have to be built first, which takes seconds once: it is known by
    a config.json and not bundled.
    """
    from os.path import exists, expanduser

    from loracheck.trees.sources.hub_files import find_cached_file

    if not model or model in list_models():
        return False
    return exists(expanduser(model)) or find_cached_file(model, None, "config.json") is not None


def list_releases() -> tuple[str, ...]:
    """PEFT's releases that can be judged by, the newest first."""
    from loracheck.config.field_table import load_release_table

    releases = [str(name) for name in load_release_table()["releases"]]
    return tuple(reversed(releases))


def list_servers() -> tuple[str, ...]:
    """Engines that are known to serve or convert adapters."""
    from loracheck.engines import list_engine_names

    return list_engine_names()


def explain_unknown_server(name: str) -> str | None:
    """Why there is no such engine or release; None where there is."""
    from loracheck.engines import UnknownEngineError, parse_engine

    try:
        parse_engine(name)
    except UnknownEngineError as error:
        return str(error)
    return None
