"""What sd-scripts (commit 48d368f), and musubi-tuner after it, refuse of schedules of the rate."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Condition,
    Refusal,
    entry_matches,
    equals,
    exceeds,
    is_given,
    matches,
    unless,
)

_SCHEDULERS = (
    *("linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup"),
    *("inverse_sqrt", "reduce_lr_on_plateau", "cosine_with_min_lr", "warmup_stable_decay"),
    *("piecewise_constant", "cosine_warmup_with_min_lr"),
)
"""transformers 4.54.1 trainer_utils.py (SchedulerType), diffusers optimization.py."""

_SLIPS = "|".join(
    (
        *(name.replace("_", "[ _-]") for name in _SCHEDULERS),
        *(
            "con?st?ant",
            "constan",
            "con?sine?",
            "cosin",
            "cosine[ _-]with[ _-]restart",
            "polynomal",
        ),
        *("cosine[ _-]restarts", "constant[ _-]warmup"),
    )
)
_MISSPELT = rf"^(?!(?:{'|'.join(_SCHEDULERS)})$)(?i:{_SLIPS})$"
"""Another form of a name; what is none at all may be a fork's."""


def build_schedulers(source: str, *limits: Condition) -> tuple[Refusal, ...]:
    """Refusals of `lr_scheduler` in a trainer that has sd-scripts' get_scheduler_fix; `source` says
    where it was read, `limits` are further conditions.
    """
    module = (is_given("network_module"), unless("lr_scheduler_type"), *limits)
    return (
        Refusal(
            (matches("lr_scheduler", _MISSPELT), *module),
            "is not a valid SchedulerType",
            "write the name as one of: " + ", ".join(_SCHEDULERS),
            source,
        ),
        Refusal(
            (
                equals("lr_scheduler", "adafactor"),
                matches("optimizer_type", r"(?i)^adafactor$"),
                entry_matches("optimizer_args", r"^\s*relative_step\s*=\s*False\s*$"),
                *module,
            ),
            "list index out of range",
            "write lr_scheduler = constant_with_warmup: with relative_step=False the rate is the "
            "file's own, and the adafactor scheduler has none",
            source,
        ),
        Refusal(
            (
                exceeds("lr_warmup_steps", 0),
                equals("lr_scheduler", "constant", default="constant"),
                unless("config_file"),
                *module,
            ),
            "SchedulerType.CONSTANT does not require `num_warmup_steps`. Set None or 0.",
            "write lr_scheduler = constant_with_warmup, or take lr_warmup_steps out",
            source,
        ),
        Refusal(
            (
                matches("lr_scheduler", r"^adafactor"),
                matches("optimizer_type", r"(?i)^(?!adafactor$)."),
                *module,
            ),
            "adafactor scheduler must be used with Adafactor optimizer",
            "write optimizer_type = Adafactor, or another lr_scheduler, as cosine",
            source,
        ),
        Refusal(
            (
                exceeds("lr_warmup_steps", 0),
                equals("lr_scheduler", "adafactor"),
                matches("optimizer_type", r"(?i)^adafactor$"),
                *module,
            ),
            "adafactor does not require `num_warmup_steps`. Set None or 0.",
            "take lr_warmup_steps out, or write relative_step=False into optimizer_args and "
            "lr_scheduler = constant_with_warmup",
            source,
        ),
    )


_WARMUPS = tuple(
    Refusal(
        (
            exceeds(key, 0),
            equals("lr_scheduler", "constant", "adafactor"),
            is_given("LoRA_type"),
            unless("dataset_config"),
            unless("lr_scheduler_type"),
        ),
        "does not require `num_warmup_steps`. Set None or 0.",
        f"write 0 into {key}, or constant_with_warmup into lr_scheduler",
        "kohya_gui/common_gui.py:1185 (resolve_lr_warmup_steps), library/train_util.py:5294 "
        "(get_scheduler_fix)",
    )
    for key in ("lr_warmup", "lr_warmup_steps")
)

SURFACE = (
    *_WARMUPS,
    Refusal(
        (
            equals("lr_scheduler", "adafactor"),
            matches("optimizer", r"(?i)^adafactor$"),
            matches("optimizer_args", r"(?:^|\s)relative_step=False(?:\s|$)"),
            is_given("LoRA_type"),
            unless("lr_scheduler_type"),
        ),
        "list index out of range",
        "write constant_with_warmup into lr_scheduler: with relative_step=False the rate is the "
        "file's own, and the adafactor scheduler has none",
        "library/train_util.py:5316 (get_scheduler_fix)",
    ),
    Refusal(
        (
            equals("lr_scheduler", "adafactor"),
            matches("optimizer", r"(?i)^(?!adafactor$)."),
            is_given("LoRA_type"),
            unless("lr_scheduler_type"),
        ),
        "adafactor scheduler must be used with Adafactor optimizer",
        "write Adafactor into optimizer, or another name into lr_scheduler, as cosine",
        "library/train_util.py:5313 (get_scheduler_fix)",
    ),
    Refusal(
        (matches("lr_scheduler", _MISSPELT), is_given("LoRA_type"), unless("lr_scheduler_type")),
        "is not a valid SchedulerType",
        "write the name as one of: " + ", ".join(_SCHEDULERS),
        "library/train_util.py:5325 (get_scheduler_fix)",
    ),
)
"""Refusals of the same for the files of kohya_ss, where the keys have other names."""
