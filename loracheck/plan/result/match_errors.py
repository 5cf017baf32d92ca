"""What PEFT says once every name was tried: nothing matched, or only a part.

Source: PEFT 0.21.2, tuners/tuners_utils.py `inject_adapter` (the checks after the loop).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.match import Patterns

if TYPE_CHECKING:
    from loracheck.plan.config.lora_config import Lora
    from loracheck.plan.injection.wrapping import Wrapping

    from .warning_log import Warned


def _exception(lora: Lora) -> str:
    return "NoMatchingPeftModuleError" if lora.has(releases.NO_MATCH_ERROR) else "ValueError"


def nothing(lora: Lora, excluded: bool, unmatched: bool) -> NoReturn:
    """No module and no parameter was reached."""
    exception = _exception(lora)
    if not lora.has(releases.EXCLUSION_TOLD):
        raise RefusedError("no-target-matches", exception, _not_found(lora), "target_modules")
    if excluded and not unmatched:
        text = (
            "All modules were excluded. This is likely unintended. Check your `target_modules`, "
            "`exclude_modules` and `modules_to_save` configuration."
        )
        raise RefusedError("all-excluded", exception, text, "exclude_modules")
    told = lora.has(releases.NO_TARGETS_TOLD)
    if not excluded and unmatched and not lora.target_modules and told:
        text = (
            "No `target_modules` passed but also no `target_parameters` found. Please check the "
            "values for these arguments."
        )
        raise RefusedError("no-targets-given", exception, text, "target_modules")
    if not excluded and unmatched:
        text = _not_found(lora) + _layers(lora)
        raise RefusedError("no-target-matches", exception, text, "target_modules")
    text = (
        "No modules were targeted for adaptation. This might be caused by a combination of "
        "mismatched target modules and excluded modules. Please check your `target_modules` and "
        "`exclude_modules` configuration. You may also have only targeted modules that are marked "
        "to be saved (`modules_to_save`)."
    )
    raise RefusedError("excluded-and-unmatched", exception, text + _layers(lora), "target_modules")


def _not_found(lora: Lora) -> str:
    return (
        f"Target modules {shown(lora.target_modules)} not found in the base model. Please check "
        "the target modules and try again."
    )


def shown(targets: Any) -> Any:
    """A set as PEFT prints it, in a stable order."""
    return "{" + ", ".join(map(repr, targets)) + "}" if isinstance(targets, dict) else targets


def _layers(lora: Lora) -> str:
    text = ""
    if lora.layers_to_transform is not None:
        text += f" Note: You specified 'layers_to_transform': {lora.layers_to_transform}."
    if lora.layers_pattern is not None:
        text += f" You also specified 'layers_pattern': {lora.layers_pattern}."
    return text


def partly(
    lora: Lora,
    warned: Warned,
    excluded: list[str],
    targeted: list[str],
    parameters: bool,
    *,
    dummy: bool,
) -> None:
    """The one if/elif chain of warnings after a match."""
    if lora.exclude_modules and not excluded:
        text = (
            f"You have passed exclude_modules={shown(lora.exclude_modules)} but no modules were "
            "excluded. Please check that exclude_modules was set correctly."
        )
        warned.add("nothing-excluded", text, field="exclude_modules")
    elif dummy:
        return
    elif lora.target_modules and not targeted:
        text = f"target_modules={shown(lora.target_modules)} were set but no module was matched."
        warned.add("no-module-matched", text, category="RuntimeWarning", field="target_modules")
    elif lora.target_parameters and not parameters:
        text = (
            f"target_parameters={list(lora.target_parameters)} were set but no parameter was "
            "matched."
        )
        warned.add(
            "no-parameter-matched", text, category="RuntimeWarning", field="target_parameters"
        )


def dead_patterns(wrapping: Wrapping, warned: Warned, targeted: list[str]) -> None:
    """Keys of rank_pattern and alpha_pattern that match no targeted module.

    Modules only: keys that reach nothing but target_parameters are listed too, though PEFT does
    apply them.
    """
    lora = wrapping.lora
    for field in ("rank_pattern", "alpha_pattern") if lora.has(releases.DEAD_PATTERNS_WARN) else ():
        value = getattr(lora, field)
        if not value:
            continue
        unmatched = Patterns(value, field).unmatched(targeted)
        if unmatched:
            text = (
                f"The following {field} keys did not match any targeted module and were ignored: "
                f"{unmatched}."
            )
            code = f"{field.replace('_', '-')}-unmatched"
            warned.add(code, text, category="RuntimeWarning", field=field)
