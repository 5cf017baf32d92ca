"""Settings of single paths: files left out, rules not run, and the model to judge against."""

from __future__ import annotations

import os
from functools import partial

from loracheck.rules import select_codes
from loracheck.type_checking import TYPE_CHECKING

from .globs import matches, matches_any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from loracheck.policies.model import Policy

    from .lint_settings import LintSettings
    from .settings_file import SettingsFile


def build_path_excluder(file: SettingsFile) -> Callable[[str], bool]:
    """A function that tells whether the settings file leaves a path out."""
    return partial(_is_excluded, file)


def _is_excluded(file: SettingsFile, path: str) -> bool:
    return bool(file.exclude) and matches_any(_compute_relative_path(file, path), file.exclude)


def build_settings_lookup(
    base: LintSettings,
    file: SettingsFile,
    policies: Iterable[tuple[str, tuple[Policy, ...]]] = (),
    *,
    use_models: bool,
) -> Callable[[str], LintSettings]:
    """A function that gives the settings for a path. `policies` are the file's own, by pattern.
    `use_models` is False where the caller has named a model, which counts more than the file's
    `models`.
    """
    models = file.models if use_models else ()
    if not file.per_file_ignores and not models and not policies:
        return lambda _: base
    ignores = [(pattern, select_codes(codes)) for pattern, codes in file.per_file_ignores]

    def select_settings(path: str) -> LintSettings:
        name = _compute_relative_path(file, path)
        codes = base.codes
        for pattern, ignored in ignores:
            if matches(name, pattern):
                codes -= ignored
        model = next((m for pattern, m in models if matches(name, pattern)), base.model)
        path_policies = [
            one for pattern, some in policies if matches(name, pattern) for one in some
        ]
        every = tuple({policy.path: policy for policy in (*base.policies, *path_policies)}.values())
        return base._replace(codes=codes, model=model, policies=every)

    return select_settings


def _compute_relative_path(file: SettingsFile, path: str) -> str:
    """The path as patterns see it: from the settings file's folder, with forward slashes."""
    try:
        absolute = os.path.relpath(path, file.root)
    except ValueError:  # another drive on Windows
        absolute = os.path.abspath(path)
    return absolute.replace(os.sep, "/")
