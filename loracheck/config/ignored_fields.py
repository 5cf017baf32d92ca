"""Fields that have no effect because of another one; PEFT warns about some and drops the rest.

Source: PEFT 0.21.2 `tuners/lora/config.py` (`LoraConfig.__post_init__`; its warnings about inits
are one if/elif chain, so the first alone is heard), `tuners/tuners_utils.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Record, Unknown

from .issue import Effect, Issue, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .release_view import View


def _ignored(
    name: str,
    path: tuple[str | int, ...],
    message: str,
    help_: str,
    effect: Effect = "silent",
    suggestion: Any = None,
) -> Issue:
    return Issue("ignored", name, path, message, help_, suggestion, effect)


INITS = (
    ("loftq_config", "loftq", "0.14"),
    ("eva_config", "eva", "0.14"),
    ("corda_config", "corda", "0.15"),
)
"""Sub-config, its init, and since when PEFT warns. In the order of PEFT's chain."""


def inits(view: View) -> Iterator[Issue]:
    """A sub-config without its init, an init without its sub-config."""
    init = view.get("init_lora_weights")
    if isinstance(init, Unknown):
        return
    heard = init == "loftq"
    for name, wanted, warns in INITS:
        if view.unknown(name):
            heard = True
            continue
        value = view.get(name)
        empty = name == "loftq_config" and not value and not isinstance(value, Record)
        there = value is not None and not empty
        effect: Effect = "silent" if heard or not view.since(warns) else "warns"
        if there and init != wanted:
            heard = True
            if isinstance(value, dict):  # another type is an issue of its own
                yield _unread(name, wanted, init, effect)
        elif not there and init == wanted and name != "loftq_config" and effect == "warns":
            heard = True
            yield _ignored(
                f"{wanted}-default-config",
                ("init_lora_weights",),
                f"`init_lora_weights` is {shown(wanted)} without `{name}`; PEFT warns and takes "
                "that config's defaults",
                f"set {name} to say what you want",
                "warns",
            )
    yield from _lora_ga(view, init)


def _unread(name: str, wanted: str, init: Any, effect: Effect) -> Issue:
    does = "PEFT warns and goes on" if effect == "warns" else "PEFT says nothing"
    return _ignored(
        f"{name.replace('_', '-')}-unused",
        (name,),
        f"`{name}` has no effect: init_lora_weights is {shown(init)}, not {shown(wanted)}; {does}",
        f"set init_lora_weights to {shown(wanted)}, or remove {name}",
        effect,
    )


def _lora_ga(view: View, init: Any) -> Iterator[Issue]:
    given = view.get("lora_ga_config")
    if isinstance(given, Unknown) or not view.since("0.19"):
        return
    if isinstance(given, dict) and init != "lora_ga":
        yield _unread("lora_ga_config", "lora_ga", init, "silent")
    elif given is None and init == "lora_ga":
        yield _ignored(
            "lora-ga-without-config",
            ("init_lora_weights",),
            "`init_lora_weights` is 'lora_ga' without `lora_ga_config`; PEFT falls back to the "
            "default init without a word, or fails once the gradients are there",
            "add lora_ga_config, and call preprocess_loraga before get_peft_model",
        )


def _modules_out_of_play(view: View) -> bool:
    """Whether no module is targeted at all, only parameters."""
    target = view.get("target_modules")
    empty = isinstance(target, (list, tuple, set, frozenset, str)) and not target
    return empty and view.on("target_parameters")


def layers(view: View) -> Iterator[Issue]:
    """An empty list means all layers; parameters do not ask for layers."""
    value = view.get("layers_to_transform")
    if isinstance(value, (list, tuple, set, frozenset)) and not value:
        yield _ignored(
            "layers-to-transform-empty",
            ("layers_to_transform",),
            "`layers_to_transform` is empty, which PEFT takes for all layers, not for none",
            "remove it, or list the layers",
        )
    elif _modules_out_of_play(view) and view.given("layers_to_transform"):
        yield _ignored(
            "layers-to-transform-with-parameters",
            ("layers_to_transform",),
            "`layers_to_transform` has no effect on `target_parameters`; PEFT says nothing",
            "write the layers into target_parameters",
        )


def exclude(view: View) -> Iterator[Issue]:
    """exclude_modules has no say over parameters."""
    if _modules_out_of_play(view) and view.on("exclude_modules"):
        yield _ignored(
            "exclude-modules-with-parameters",
            ("exclude_modules",),
            "`exclude_modules` has no effect on `target_parameters`; PEFT says nothing",
            "name only the parameters that you want in target_parameters",
        )


def qalora(view: View) -> Iterator[Issue]:
    """A group size without QA-LoRA."""
    if not view.unknown("qalora_group_size", "use_qalora") and not view.on("use_qalora"):
        yield _ignored(
            "qalora-group-size-unused",
            ("qalora_group_size",),
            "`qalora_group_size` has no effect without `use_qalora`; PEFT says nothing",
            "set use_qalora to true, or remove it",
        )


def megatron(view: View) -> Iterator[Issue]:
    """A Megatron module without a Megatron config."""
    if not view.unknown("megatron_core", "megatron_config") and not view.on("megatron_config"):
        yield _ignored(
            "megatron-core-unused",
            ("megatron_core",),
            "`megatron_core` has no effect without `megatron_config`; PEFT says nothing",
            "remove it",
        )


def alora(view: View) -> Iterator[Issue]:
    """aLoRA acts with CAUSAL_LM only, and an empty list switches it off."""
    tokens, task = view.get("alora_invocation_tokens"), view.get("task_type")
    if tokens is None or isinstance(task, Unknown) or isinstance(tokens, Unknown):
        return
    if task != "CAUSAL_LM":
        yield _ignored(
            "alora-task-type",
            ("alora_invocation_tokens",),
            f"`alora_invocation_tokens` acts only with task_type CAUSAL_LM, here it is "
            f"{shown(task)}: nothing would train; PEFT warns",
            "set task_type to CAUSAL_LM, or remove it",
            "warns",
        )
    elif isinstance(tokens, (list, tuple)) and not tokens:
        yield _ignored(
            "alora-empty",
            ("alora_invocation_tokens",),
            "`alora_invocation_tokens` is empty, which switches activated LoRA off",
            "list the token ids of the invocation, or remove it",
        )


def runtime(view: View) -> Iterator[Issue]:
    """A file cannot carry options of a process, and only an instance will do (since 0.12)."""
    if view.unknown("runtime_config"):
        return
    if view.saved:
        yield _ignored(
            "runtime-config-in-file",
            ("runtime_config",),
            "`runtime_config` is dropped when PEFT reads the file, with a warning",
            "remove it, and set it in the code that loads the adapter",
            "warns",
        )
        return
    value = view.get("runtime_config")
    if isinstance(value, dict) and not isinstance(value, Record):
        yield Issue(
            "wrong-type",
            "runtime-config-mapping",
            ("runtime_config",),
            "`runtime_config` is a mapping, which PEFT does not turn into a LoraRuntimeConfig; "
            "wrapping the first layer raises AttributeError",
            "give LoraConfig a LoraRuntimeConfig(...) in the code, or leave it out",
            None,
            "fails",
        )
