"""Fields that have no effect because of another one, and of which PEFT says nothing.

Those that `__post_init__` warns of stand in `post_init/`. Source: PEFT 0.21.2
`tuners/lora/config.py`, `tuners/tuners_utils.py`.
"""

from __future__ import annotations

from loracheck.documents.model import Record, Unknown
from loracheck.type_checking import TYPE_CHECKING

from .issue import Effect, Issue
from .post_init import describe_unused_config
from .post_init_issues import make_issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value

    from .release_values import ReleaseValues


def _make_ignored_issue(
    name: str,
    path: tuple[str | int, ...],
    message: str,
    help_: str,
    effect: Effect = "silent",
    suggestion: Value = None,
) -> Issue:
    return Issue("ignored", name, path, message, help_, suggestion, effect)


def find_lora_ga_issues(view: ReleaseValues) -> Iterator[Issue]:
    """A sub-config without its init, an init without its sub-config: of LoRA-GA PEFT says nothing,
    of the others `__post_init__` warns.
    """
    sub_config, init = view.get("lora_ga_config"), view.get("init_lora_weights")
    if isinstance(sub_config, Unknown) or isinstance(init, Unknown) or not view.is_at_least("0.19"):
        return
    if isinstance(sub_config, dict) and init != "lora_ga":
        yield make_issue(describe_unused_config("lora_ga"), view, "silent", "PEFT says nothing")
    elif sub_config is None and init == "lora_ga":
        yield _make_ignored_issue(
            "lora-ga-without-config",
            ("init_lora_weights",),
            "`init_lora_weights` is 'lora_ga' without `lora_ga_config`; PEFT falls back to the "
            "default init without a word, or fails once the gradients are there",
            "add lora_ga_config, and call preprocess_loraga before get_peft_model",
        )


def _has_only_parameter_targets(view: ReleaseValues) -> bool:
    """Whether no module is targeted at all, only parameters."""
    target = view.get("target_modules")
    empty = isinstance(target, (list, tuple, set, frozenset, str)) and not target
    return empty and view.is_on("target_parameters")


def find_layers_to_transform_issues(view: ReleaseValues) -> Iterator[Issue]:
    """An empty list means all layers; parameters do not ask for layers."""
    value = view.get("layers_to_transform")
    if isinstance(value, (list, tuple, set, frozenset)) and not value:
        yield _make_ignored_issue(
            "layers-to-transform-empty",
            ("layers_to_transform",),
            "`layers_to_transform` is empty, which PEFT takes for all layers, not for none",
            "remove it, or list the layers",
        )
    elif _has_only_parameter_targets(view) and view.is_given("layers_to_transform"):
        yield _make_ignored_issue(
            "layers-to-transform-with-parameters",
            ("layers_to_transform",),
            "`layers_to_transform` has no effect on `target_parameters`; PEFT says nothing",
            "write the layers into target_parameters",
        )


def find_unused_exclude_issues(view: ReleaseValues) -> Iterator[Issue]:
    """exclude_modules has no say over parameters."""
    if _has_only_parameter_targets(view) and view.is_on("exclude_modules"):
        yield _make_ignored_issue(
            "exclude-modules-with-parameters",
            ("exclude_modules",),
            "`exclude_modules` has no effect on `target_parameters`; PEFT says nothing",
            "name only the parameters that you want in target_parameters",
        )


def find_qalora_issues(view: ReleaseValues) -> Iterator[Issue]:
    """A group size without QA-LoRA."""
    if not view.has_unknown("qalora_group_size", "use_qalora") and not view.is_on("use_qalora"):
        yield _make_ignored_issue(
            "qalora-group-size-unused",
            ("qalora_group_size",),
            "`qalora_group_size` has no effect without `use_qalora`; PEFT says nothing",
            "set use_qalora to true, or remove it",
        )


def find_unused_megatron_issues(view: ReleaseValues) -> Iterator[Issue]:
    """A Megatron module without a Megatron config."""
    if not view.has_unknown("megatron_core", "megatron_config") and not view.is_on(
        "megatron_config"
    ):
        yield _make_ignored_issue(
            "megatron-core-unused",
            ("megatron_core",),
            "`megatron_core` has no effect without `megatron_config`; PEFT says nothing",
            "remove it",
        )


def find_alora_issues(view: ReleaseValues) -> Iterator[Issue]:
    """An empty list of tokens switches aLoRA off."""
    tokens = view.get("alora_invocation_tokens")
    if view.get("task_type") == "CAUSAL_LM" and isinstance(tokens, (list, tuple)) and not tokens:
        yield _make_ignored_issue(
            "alora-empty",
            ("alora_invocation_tokens",),
            "`alora_invocation_tokens` is empty, which switches activated LoRA off",
            "list the token ids of the invocation, or remove it",
        )


def find_runtime_config_issues(view: ReleaseValues) -> Iterator[Issue]:
    """A file cannot carry options of a process, and only an instance will do (since 0.12)."""
    if view.has_unknown("runtime_config"):
        return
    if view.saved:
        yield _make_ignored_issue(
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
