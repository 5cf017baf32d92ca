"""From the options of a caller and the settings file to the settings of a run; options win."""

from __future__ import annotations

import os

from loracheck.named_tuple import NamedTuple
from loracheck.trees.sources.builds import Builds
from loracheck.trees.sources.request import TreeOptions, ignore_progress
from loracheck.type_checking import TYPE_CHECKING

from .errors import OptionError
from .lint_settings import LintSettings
from .rule_selection import NO_SELECTORS, RuleSelectors, select_rules
from .settings_file import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.policies.model import Policy

    from .run_options import RunOptions


class RunSettings(NamedTuple):
    """The settings of one run over any number of files."""

    for_path: Callable[[str], LintSettings]
    """The settings under which the file at a path is linted."""

    excludes: Callable[[str], bool]
    """Whether the file or folder at a path is left out."""

    output_format: str
    """Name of the reporter."""

    builds: Builds
    """The account of the run's builds."""

    fail_on: str
    """Lowest severity that makes the run fail."""

    baseline: str | None = None
    """Path of the file of known findings that the settings file names."""

    respect_gitignore: bool = True
    """Whether a search of a folder leaves out what git ignores."""

    file: str | None = None
    """Path of the settings file."""


def resolve_settings(
    options: RunOptions,
    paths: tuple[str, ...],
    notify: Callable[[str], None] = ignore_progress,
) -> RunSettings:
    """The settings of a run over the paths.

    `notify` gets the lines that a user should see: that another release judges than the one that
    was named, and the progress of downloads. Raises OptionError for options that make no sense,
    SettingsError for a settings file that cannot be used.
    """
    file, builds = _load_settings_file(options, paths), Builds()
    if file is None:
        settings = _build_lint_settings(options, SettingsFile(), builds, notify)
        output_format = options.output_format or _choose_default_format()
        fail_on = options.fail_on or "warning"
        return RunSettings(lambda _: settings, _never, output_format, builds, fail_on)
    from .path_settings import build_path_excluder, build_settings_lookup

    settings = _build_lint_settings(options, file, builds, notify)
    by_path = _load_policies_by_path(file)
    return RunSettings(
        build_settings_lookup(settings, file, by_path, use_models=options.model is None),
        build_path_excluder(file),
        options.output_format or file.format or _choose_default_format(),
        builds,
        options.fail_on or file.fail_on or "warning",
        os.path.join(file.root, file.baseline) if file.baseline else None,
        file.respect_gitignore is not False,
        file.file,
    )


def _load_settings_file(options: RunOptions, paths: tuple[str, ...]) -> SettingsFile | None:
    if options.isolated:
        if options.config:
            raise OptionError("--config and --isolated exclude each other")
        return None
    path = options.config
    if path is None:
        from .find_settings import find_settings_file

        path = find_settings_file(paths)
    if path is None:
        return None
    from .load_settings_file import load_settings_file

    return load_settings_file(path)


def _build_lint_settings(
    options: RunOptions, file: SettingsFile, builds: Builds, notify: Callable[[str], None]
) -> LintSettings:
    """The settings for a path of which the settings file says nothing."""
    online = options.online if options.online is not None else file.online or False
    return LintSettings(
        _select_rules(options, file),
        options.model or file.model,
        _check_peft(options.peft or file.peft, notify),
        TreeOptions(
            options.transformers or file.transformers,
            options.python,
            online,
            use_token=options.online is True,
            notify=notify,
            builds=builds,
        ),
        dict(file.rules),
        serve=_check_engines(options.serve or file.serve, notify),
        policies=_load_policies((*_resolve_from_root(file, file.policy), *options.policy)),
    )


def _resolve_from_root(file: SettingsFile, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Paths of the settings file, from here."""
    resolved = []
    for path in paths:
        try:
            resolved.append(os.path.relpath(os.path.join(file.root, path)))
        except ValueError:  # another drive on Windows
            resolved.append(os.path.join(file.root, path))
    return tuple(resolved)


def _load_policies_by_path(file: SettingsFile) -> tuple[tuple[str, tuple[Policy, ...]], ...]:
    return tuple(
        (pattern, _load_policies(_resolve_from_root(file, paths)))
        for pattern, paths in file.policies
    )


def _load_policies(paths: tuple[str, ...]) -> tuple[Policy, ...]:
    """The policies in files, each once. Raises SettingsError with all that is wrong with them."""
    if not paths:
        return ()
    from .load_policies import load_policies

    return load_policies(paths)


def _check_peft(version: str | None, notify: Callable[[str], None]) -> str | None:
    """The PEFT release as given. Raises OptionError for what is no version."""
    if version is None:
        return None
    from loracheck.config.release_values import parse_release_number

    try:
        number = parse_release_number(version)
    except ValueError as error:
        raise OptionError(str(error)) from error
    from loracheck.plan.config.releases import OLDEST

    if number < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        notify(
            f"note: fields and default targets are judged by PEFT {version}, the rest by "
            f"PEFT {oldest}"
        )
    return version


def _check_engines(engines: tuple[str, ...], notify: Callable[[str], None]) -> tuple[str, ...]:
    """The engines as given. Raises OptionError for one that is not known."""
    for text in engines:
        from loracheck.engines import UnknownEngineError, parse_engine
        from loracheck.engines.read import parse_engine_version

        try:
            engine = parse_engine(text)
        except UnknownEngineError as error:
            raise OptionError(f"--serve: {error}") from error
        requested = engine.requested_version
        if engine.version is None and requested:
            notify(f"note: {engine.title} {requested} is judged by {engine.state}")
        elif engine.newest and parse_engine_version(requested or "0") > parse_engine_version(
            engine.version or "0"
        ):
            engine_names = f"the newest that loracheck knows is {engine.version}, which judges"
            notify(f"note: {engine.title} {requested}: {engine_names}")
    return engines


def _select_rules(options: RunOptions, file: SettingsFile) -> frozenset[str]:
    """The rules to run. Raises OptionError for a selector that stands for no rule."""
    of_file = RuleSelectors(file.select, file.extend_select, file.ignore)
    of_options = NO_SELECTORS
    if options.select or options.extend_select or options.ignore:
        of_options = RuleSelectors(
            _split("--select", options.select) or None,
            _split("--extend-select", options.extend_select),
            _split("--ignore", options.ignore),
        )
    try:
        return select_rules(of_file, of_options)
    except KeyError as error:
        from loracheck.rules import suggest_selector

        name = error.args[0]
        suggestion = suggest_selector(name)
        help_ = f"did you mean {suggestion!r}?" if suggestion else "`loracheck rules` lists them"
        raise OptionError(f"no rule is called {name!r}; {help_}") from error


def _split(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """The selectors of an option. Raises OptionError where it was given without any."""
    selectors = tuple(part for value in values for part in value.replace(",", " ").split())
    if values and not selectors:
        raise OptionError(f"{option} names no rule")
    return selectors


def _choose_default_format() -> str:
    """Annotations where GitHub Actions runs us, else the report for people."""
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "full"


def _never(path: str) -> bool:
    return False
