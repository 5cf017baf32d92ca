"""What PEFT says once every name was tried: nothing matched, or only a part.

Source: PEFT 0.21.2, tuners/tuners_utils.py `inject_adapter` (the checks after the loop).
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.config.module_lists import list_entries
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.match import Patterns
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, NoReturn

    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.injection.wrapping import LoraWrapper
    from loracheck.plan.warning_log import WarningLog


def _name_exception(config: EffectiveConfig) -> str:
    return "NoMatchingPeftModuleError" if config.has(releases.NO_MATCH_ERROR) else "ValueError"


def raise_no_match(config: EffectiveConfig, excluded: bool, unmatched: bool) -> NoReturn:
    """No module and no parameter was reached."""
    exception = _name_exception(config)
    if not config.has(releases.EXCLUSION_TOLD):
        raise RefusedError(
            "no-target-matches", exception, _format_not_found(config), "target_modules"
        )
    if excluded and not unmatched:
        text = (
            "All modules were excluded. This is likely unintended. Check your `target_modules`, "
            "`exclude_modules` and `modules_to_save` configuration."
        )
        raise RefusedError("all-excluded", exception, text, "exclude_modules")
    has_own_message = config.has(releases.NO_TARGETS_TOLD)
    if not excluded and unmatched and not config.target_modules and has_own_message:
        text = (
            "No `target_modules` passed but also no `target_parameters` found. Please check the "
            "values for these arguments."
        )
        raise RefusedError("no-targets-given", exception, text, "target_modules")
    if not excluded and unmatched:
        text = _format_not_found(config) + _format_layers(config)
        raise RefusedError("no-target-matches", exception, text, "target_modules")
    text = (
        "No modules were targeted for adaptation. This might be caused by a combination of "
        "mismatched target modules and excluded modules. Please check your `target_modules` and "
        "`exclude_modules` configuration. You may also have only targeted modules that are marked "
        "to be saved (`modules_to_save`)."
    )
    raise RefusedError(
        "excluded-and-unmatched", exception, text + _format_layers(config), "target_modules"
    )


def _format_not_found(config: EffectiveConfig) -> str:
    return (
        f"Target modules {format_targets(config.target_modules)} not found in the base model. "
        "Please check the target modules and try again."
    )


def format_targets(targets: Any) -> Any:
    """A set as PEFT prints it, in a stable order."""
    return "{" + ", ".join(map(repr, targets)) + "}" if isinstance(targets, dict) else targets


def _format_layers(config: EffectiveConfig) -> str:
    text = ""
    if config.layers_to_transform is not None:
        text += f" Note: You specified 'layers_to_transform': {config.layers_to_transform!s}."
    if config.layers_pattern is not None:
        text += f" You also specified 'layers_pattern': {config.layers_pattern!s}."
    return text


def warn_partial_match(
    config: EffectiveConfig,
    log: WarningLog,
    excluded: list[str],
    targeted: list[str],
    parameters: bool,
    *,
    dummy: bool,
) -> None:
    """The one if/elif chain of warnings after a match."""
    if config.exclude_modules and not excluded:
        text = (
            f"You have passed exclude_modules={format_targets(config.exclude_modules)} but no "
            "modules were excluded. Please check that exclude_modules was set correctly."
        )
        log.add("nothing-excluded", text, field="exclude_modules")
    elif dummy:
        return
    elif config.target_modules and not targeted:
        targets = format_targets(config.target_modules)
        text = f"target_modules={targets} were set but no module was matched."
        log.add("no-module-matched", text, category="RuntimeWarning", field="target_modules")
    elif config.target_parameters and not parameters:
        text = (
            f"target_parameters={list_entries(config.target_parameters)} were set but no "
            "parameter was matched."
        )
        log.add("no-parameter-matched", text, category="RuntimeWarning", field="target_parameters")


def warn_unmatched_patterns(wrapping: LoraWrapper, log: WarningLog, targeted: list[str]) -> None:
    """Keys of rank_pattern and alpha_pattern that match no targeted module.

    Modules only: keys that reach nothing but target_parameters are listed too, though PEFT does
    apply them.
    """
    config = wrapping.config
    for field in (
        ("rank_pattern", "alpha_pattern") if config.has(releases.DEAD_PATTERNS_WARN) else ()
    ):
        value = getattr(config, field)
        if not value:
            continue
        unmatched = Patterns(value, field).list_unmatched(targeted)
        if unmatched:
            text = (
                f"The following {field} keys did not match any targeted module and were ignored: "
                f"{unmatched}."
            )
            code = f"{field.replace('_', '-')}-unmatched"
            log.add(code, text, category="RuntimeWarning", field=field)
