"""The issues of a setting's fields: what PEFT's classes refuse, ignore or warn of."""

from __future__ import annotations

from loracheck.config.check import check
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.config.check import Issue
    from loracheck.tools.core.setting import Setting


def find_setting_issues(setting: Setting, peft: str | None) -> list[Issue]:
    """The issues that LoraConfig's fields have by a PEFT release (None: the newest), without those
    of fields that the tool sets by itself: nobody can take these out of the file.
    """
    saved = setting.form == "adapter_config"
    issues = [
        issue
        for issue in check(setting.fields, peft=peft, saved=saved)
        if issue.kind != "unknown-field" or _is_in_file(setting, str(issue.path[0]))
    ]
    if setting.behaviour.lists_linear:  # the tool's own list, under PEFT's word
        return [issue for issue in issues if issue.id != "all-linear-too-new"]
    return issues


def _is_in_file(setting: Setting, field: str) -> bool:
    return field in setting.places or field in setting.unknown_keys


def find_method_issues(setting: Setting, peft: str | None) -> list[Issue]:
    """The issues of a config of another of PEFT's methods; none where an older PEFT judges, whose
    config classes are not known.
    """
    from loracheck.config.check_method import check_method
    from loracheck.config.methods import find_method

    method = find_method(setting.method)
    if method is None or not _is_newest(peft):
        return []
    saved = setting.form == "adapter_config"
    return check_method(method, setting.method_values, saved=saved, complete=setting.complete)


def _is_newest(peft: str | None) -> bool:
    from loracheck.config.release_values import parse_release_number
    from loracheck.plan.config.releases import NEWEST

    return peft is None or parse_release_number(peft) >= tuple(NEWEST[:2])
