"""The policies that options and settings name, loaded before the first file is checked."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.policies.model import Policy


def load_policies(paths: Iterable[str]) -> tuple[Policy, ...]:
    """The policies in files, each once. Raises SettingsError with all that is wrong with them, and
    where the package is missing that they need.
    """
    try:
        from loracheck.policies.load import load_policy
    except ModuleNotFoundError as error:
        need = "policies need the package jsonschema: pip install 'loracheck[policies]'"
        raise SettingsError([f"{need} ({error})"]) from error
    from loracheck.policies.model import PolicyError

    policies, problems = [], list[str]()
    for path in dict.fromkeys(paths):
        try:
            policies.append(load_policy(path))
        except PolicyError as error:
            problems += error.problems
    if problems:
        raise SettingsError(problems)
    return tuple(policies)
