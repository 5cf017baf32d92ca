"""What the settings say of single files: which to leave out, which rules, which model."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from loracheck.options.globs import any_matches, matches
from loracheck.rules import select_codes

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.options.keys import Config
    from loracheck.options.lint_settings import LintSettings


def excluder(config: Config) -> Callable[[str], bool]:
    """Whether a path is left out."""
    return partial(_excluded, config)


def _excluded(config: Config, path: str) -> bool:
    return bool(config.exclude) and any_matches(_relative(config, path), config.exclude)


def jobs(base: LintSettings, config: Config, *, model_given: bool) -> Callable[[str], LintSettings]:
    """The job for each path. A model given on the command line counts more than the model map."""
    if not config.per_file_ignores and (model_given or not config.models):
        return lambda _: base
    ignores = [(pattern, select_codes(codes)) for pattern, codes in config.per_file_ignores]
    models = () if model_given else config.models

    def job(path: str) -> LintSettings:
        name = _relative(config, path)
        codes = base.codes
        for pattern, ignored in ignores:
            if matches(name, pattern):
                codes -= ignored
        model = next((m for pattern, m in models if matches(name, pattern)), base.model)
        return base._replace(codes=codes, model=model)

    return job


def _relative(config: Config, path: str) -> str:
    """The path as patterns see it: from the settings file's folder, with forward slashes."""
    try:
        found = os.path.relpath(path, config.root)
    except ValueError:  # another drive on Windows
        found = os.path.abspath(path)
    return found.replace(os.sep, "/")
