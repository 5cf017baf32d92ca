"""`target_modules` as PEFT rewrites it for the model before any name is matched: default targets,
"all-linear" as names, and long lists as common ends.
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.all_linear import expand_all_linear, is_shorthand
from loracheck.plan.matching.match import uses_layers
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Table, Value
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.graph.module_graph import Module
    from loracheck.trees.model import ModuleTree

CONDENSED_FROM = 20
"""PEFT's MIN_TARGET_MODULES_FOR_OPTIMIZATION."""


def set_default_targets(config: EffectiveConfig, tree: ModuleTree) -> None:
    """Fill in the default targets of the model type (`LoraModel._prepare_adapter_config`). Raises
    RefusedError for a type without any.
    """
    if config.target_modules is not None:
        return
    from loracheck.plan.peft_tables import find_default_targets

    targets = find_default_targets(tree.model_type, config.exact_release)
    if targets is not None:
        config.target_modules = targets if isinstance(targets, str) else dict.fromkeys(targets)
    elif tree.library == "diffusers":
        # its config is a mapping without the key, which PEFT looks up (tuners/lora/model.py)
        text = "'model_type'"
        raise RefusedError("no-default-targets", "KeyError", text, "target_modules")
    elif not config.target_parameters:
        either = config.has(releases.DEFAULT_TARGETS_OR_PARAMETERS)
        fields = "`target_modules` or `target_parameters`in" if either else "`target_modules` in"
        text = f"Please specify {fields} `peft_config`"
        raise RefusedError("no-default-targets", "ValueError", text, "target_modules")


def expand_targets(
    config: EffectiveConfig, tree: ModuleTree, named_modules: list[tuple[str, Module]]
) -> Value:
    """The targets as they are matched: "all-linear" as names, a long list as common ends."""
    targets = config.target_modules
    if is_shorthand(targets):
        return expand_all_linear(config, tree, named_modules)
    if not isinstance(targets, dict) or not _shows_condensing(config, targets):
        return targets
    from loracheck.plan.matching.suffix_targets import condense_targets

    names = [name for name, _ in named_modules]
    if not config.layer_replication:
        names = [module.name for module in tree.modules()]
    return condense_targets(targets, names)


def _shows_condensing(config: EffectiveConfig, targets: Table) -> bool:
    """Condensing shows only where layers_to_transform is used (or an entry is empty)."""
    if len(targets) < CONDENSED_FROM or not config.has(releases.CONDENSING):
        return False
    return uses_layers(config.layers_to_transform) or "" in targets
