"""What the command line and the settings file ask for, merged: the command line wins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from loracheck.cli import Failure
from loracheck.options.lint_settings import LintSettings
from loracheck.rules import suggest_selector
from loracheck.trees.sources.request import TreeOptions

from .rule_selection import NOTHING, Choice, chosen
from .stderr import tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.options.keys import Config


STDIN = "stdin.json"
"""What standard input is called, and so read as, where nobody says."""


class Asked(NamedTuple):
    """The options of `loracheck check` as given; None where one was not."""

    model: str | None = None
    peft: str | None = None
    transformers: str | None = None
    python: str | None = None
    online: bool | None = None
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    style: str | None = None
    statistics: bool = False
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    fail_on: str | None = None
    strict: bool = False
    config: str | None = None
    isolated: bool = False
    baseline: str | None = None
    write_baseline: str | None = None
    stdin_filename: str = STDIN
    skip_unrelated: bool = False
    exit_zero: bool = False
    jobs: int | None = None
    serve: tuple[str, ...] = ()
    colour: bool | None = None


class Settings(NamedTuple):
    """What a run does. `job(path)` is the job for one file, `excluded(path)` says which files are
    left out, `gitignore` whether those are that git ignores.
    """

    job: Callable[[str], LintSettings]
    excluded: Callable[[str], bool]
    style: str
    fail_on: str
    baseline: str | None
    gitignore: bool = True


class SettingsError(Failure):
    """A settings file that cannot be used: its problems, a line each."""


def merged(asked: Asked, paths: tuple[str, ...]) -> Settings:
    """The settings for the paths. Raises a click exception for options that make no sense."""
    config = _config(asked, paths)
    base = _job(asked, config)
    if config is None:
        style = asked.style or _default_style()
        return Settings(lambda _: base, _never, style, asked.fail_on or "warning", None)
    from .per_file import excluder, jobs

    baseline = os.path.join(config.root, config.baseline) if config.baseline else None
    return Settings(
        jobs(base, config, model_given=asked.model is not None),
        excluder(config),
        asked.style or config.format or _default_style(),
        asked.fail_on or config.fail_on or "warning",
        baseline,
        config.respect_gitignore is not False,
    )


def _config(asked: Asked, paths: tuple[str, ...]) -> Config | None:
    if asked.isolated:
        if asked.config:
            raise click.UsageError("--config and --isolated exclude each other")
        return None
    file = asked.config
    if file is None:
        from loracheck.options.find_settings import nearest

        file = nearest(paths)
    if file is None:
        return None
    from loracheck.options.keys import OptionsError
    from loracheck.options.load_settings import load

    try:
        return load(file)
    except OptionsError as error:
        raise SettingsError("\n".join(error.problems)) from error


def _job(asked: Asked, config: Config | None) -> LintSettings:
    codes = _codes(asked, config)
    online = asked.online
    if config is None:
        trees = TreeOptions(asked.transformers, asked.python, online or False, tell=tell)
        serve = _serve(asked.serve)
        return LintSettings(codes, asked.model, _release(asked.peft), trees, serve=serve)
    online = online if online is not None else config.online or False
    trees = TreeOptions(asked.transformers or config.transformers, asked.python, online, tell=tell)
    peft = _release(asked.peft or config.peft)
    serve = _serve(asked.serve or config.serve)
    model = asked.model or config.model
    return LintSettings(codes, model, peft, trees, dict(config.rules), serve=serve)


def _release(version: str | None) -> str | None:
    """The PEFT release as given. Raises a usage error for what is no version."""
    if version is not None:
        from loracheck.config.release_view import release_number

        try:
            asked = release_number(version)
        except ValueError as error:
            raise click.UsageError(str(error)) from error
        from loracheck.plan.config.releases import OLDEST

        if asked < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            tell(
                f"note: fields and default targets are judged by PEFT {version}, the rest by "
                f"PEFT {oldest}"
            )
    return version


def _serve(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The engines as given. Raises a usage error for one that is not known; says it where a release
    is newer than all that are.
    """
    for text in wanted:
        from loracheck.engines import UnknownEngineError, asked_for
        from loracheck.engines.read import number

        try:
            engine = asked_for(text)
        except UnknownEngineError as error:
            raise click.UsageError(f"--serve: {error}") from error
        if engine.version is None and engine.asked:
            tell(f"note: {engine.title} {engine.asked} is judged by {engine.state}")
        elif engine.newest and number(engine.asked or "0") > number(engine.version or "0"):
            known = f"the newest that loracheck knows is {engine.version}, which judges"
            tell(f"note: {engine.title} {engine.asked}: {known}")
    return wanted


def _codes(asked: Asked, config: Config | None) -> frozenset[str]:
    """The rules to run. Raises a usage error for a code that stands for no rule."""
    settings = (
        Choice(config.select, config.extend_select, config.ignore)
        if config is not None
        else NOTHING
    )
    line = Choice(
        _split("--select", asked.select) or None,
        _split("--extend-select", asked.extend_select),
        _split("--ignore", asked.ignore),
    )
    try:
        return chosen(settings, line)
    except KeyError as error:
        name = error.args[0]
        meant = suggest_selector(name)
        help_ = f"did you mean {meant!r}?" if meant else "`loracheck rules` lists them"
        raise click.UsageError(f"no rule is called {name!r}; {help_}") from error


def _split(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The selectors of an option. Raises a usage error where it was given without any."""
    found = tuple(part for value in values for part in value.replace(",", " ").split())
    if values and not found:
        raise click.UsageError(f"{option} names no rule")
    return found


def _default_style() -> str:
    """Annotations where GitHub Actions runs us, else the report for people."""
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "full"


def _never(path: str) -> bool:
    return False
