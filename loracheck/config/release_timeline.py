"""PEFT release by release, 0.3 to 0.21: what `versions.json` and `--peft` know.

When a field appeared stands in the models (`since`), when a check of `__post_init__` in
`post_init/`. What else changed is here, read from the released wheels (the last patch of each minor
release).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from . import models
from .read_models import AnnotationFacts, get_field_facts, get_plain_default, iterate_model_fields

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value

LATEST_PATCH: dict[str, str] = {
    "0.3": "0.3.0",
    "0.4": "0.4.0",
    "0.5": "0.5.0",
    "0.6": "0.6.2",
    "0.7": "0.7.1",
    "0.8": "0.8.2",
    "0.9": "0.9.0",
    "0.10": "0.10.0",
    "0.11": "0.11.1",
    "0.12": "0.12.0",
    "0.13": "0.13.2",
    "0.14": "0.14.0",
    "0.15": "0.15.2",
    "0.16": "0.16.0",
    "0.17": "0.17.1",
    "0.18": "0.18.1",
    "0.19": "0.19.1",
    "0.20": "0.20.0",
    "0.21": "0.21.2",
}
"""The minor releases and the patch that was read."""

UNKNOWN_KEY = (("0.0", "drops"), ("0.6", "raises"), ("0.14", "warns"))
"""An unknown key in adapter_config.json; in a `LoraConfig(...)` call it always raises TypeError.

Silently dropped at first, TypeError since 0.6.0, a UserWarning and dropped since 0.14.0 (0.14.0
alone then loses every LoRA field when read through `PeftConfig.from_pretrained`).
"""

OLD_DEFAULTS: dict[str, dict[str, Any]] = {"0.3": {"lora_alpha": None, "lora_dropout": None}}
"""Defaults that differ from today's (both changed in 0.4.0)."""


def number(version: str) -> tuple[int, int]:
    """Major and minor of "0.13", "0.13.2" or "0.13.0.dev0"; ValueError for anything else."""
    major, _, rest = version.strip().lstrip("v").partition(".")
    return int(major), int(rest.partition(".")[0])


def is_in_release(since: str, release: str) -> bool:
    """Whether something that came with `since` is in `release`."""
    return number(since) <= number(release)


def build_release_table() -> dict[str, Any]:
    """`{"releases": {"0.13": {...}}}`.

    A release lists the fields that it adds to the one before (0.3: all it has), the same for
    sub-configs, the task types, inits and defaults as far as they differ from today's, and what it
    does with an unknown key of a file.
    """
    return {"releases": {release: _build_row(release) for release in LATEST_PATCH}}


def _build_row(release: str) -> dict[str, Any]:
    lora = models.LoraConfig
    subs = {
        name: new
        for name, model in models.SUB_CONFIGS.items()
        if (new := _list_new_fields(model, release))
    }
    row = {
        "patch": LATEST_PATCH[release],
        "adds": _list_new_fields(lora, release),
        "adds_sub": subs or None,
        "unknown_key": [effect for since, effect in UNKNOWN_KEY if is_in_release(since, release)][
            -1
        ],
        "task_type": list_release_choices(lora, "task_type", release),
        "init_lora_weights": list_release_choices(lora, "init_lora_weights", release),
        "defaults": OLD_DEFAULTS.get(release),
    }
    return {key: value for key, value in row.items() if value is not None}


def _list_new_fields(model: type[models.Model], release: str) -> list[str]:
    first = next(iter(LATEST_PATCH))
    return [
        name
        for name, field, _ in iterate_model_fields(model)
        if number(get_field_facts(field)["since"]) == number(release)
        or (release == first and is_in_release(get_field_facts(field)["since"], release))
    ]


def list_release_choices(model: type[models.Model], name: str, release: str) -> list[Value]:
    """The choices of a field that the release knows."""
    field = model.model_fields[name]
    newer = get_field_facts(field)["choices_since"]
    return [
        c for c in AnnotationFacts(field).choices if is_in_release(newer.get(c, "0.0"), release)
    ]


def get_release_default(model: type[models.Model], name: str, release: str) -> Any:
    """The field's default in the release."""
    old = OLD_DEFAULTS.get(release, {})
    return old[name] if name in old else get_plain_default(model.model_fields[name])
