"""Everything `get_peft_model(model, LoraConfig(**config))` does, step by step in PEFT's order.

Source: PEFT 0.21.2 (older releases: releases.py), mapping_func.py `get_peft_model`, peft_model.py
(the PeftModelFor... classes), tuners/tuners_utils.py `BaseTuner.inject_adapter`.
"""

from __future__ import annotations

from functools import partial

from loracheck.plan.config import releases
from loracheck.plan.config.module_lists import check_iterable
from loracheck.plan.config.post_init import run_post_init
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.from_tree import build_module_graph, choose_splitter
from loracheck.plan.graph.module_graph import Module
from loracheck.plan.matching.match import (
    EXCLUDED,
    SAVE,
    TARGETED,
    Matcher,
    list_entries_to_save,
)
from loracheck.plan.result.parameter_counts import (
    check_attention_layers,
    count_parameters,
    mark_trainable,
)
from loracheck.plan.warning_log import WarningLog
from loracheck.type_checking import TYPE_CHECKING

from . import experts, weight_tying
from .prepared_targets import expand_targets, set_default_targets
from .tasks import HEADS, PEFT_MODEL, PREFIX, check_generation, wrap_in_peft_model
from .wrapping import LoraWrapper

if TYPE_CHECKING:
    from loracheck.documents.values import Value
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.model import PlanError, Stage, Tokens
    from loracheck.trees.model import ModuleTree

    from .modules_to_save import AuxiliaryModule, AuxiliaryWrapper

DUMMY = "dummy-target-modules"
"""PEFT's DUMMY_TARGET_MODULES: nothing is matched and nothing is said."""


class Simulation:
    """One injection, step by step."""

    def __init__(
        self, config: EffectiveConfig, tree: ModuleTree, task: bool, *, unfold: bool = False
    ) -> None:
        self.config = config
        self.unfold = unfold
        self.tree = tree
        task_type = config.task_type if task else None
        self.task = task_type if isinstance(task_type, str) else None
        self.log = WarningLog()
        self.stage: Stage = "config"
        self.error: PlanError | None = None
        self.given_targets: Value = None
        self.root: Module | None = None
        self.named_modules: list[tuple[str, Module]] = []
        self.wrapping: LoraWrapper | None = None
        self.matcher: Matcher | None = None
        self.replaced_targets: dict[str, str] = {}
        self.automatic: tuple[str, ...] = ()
        self.excluded: list[str] = []
        self.targeted: list[str] = []
        self.hits: list[AuxiliaryModule] = []
        self.tied_hits: list[AuxiliaryModule] = []
        self.tokens: list[Tokens] = []
        self.counts: tuple[int, int] | None = None

    def run(self) -> None:
        """Every step. Raises RefusedError where PEFT raises."""
        config = self.config
        run_post_init(config, self.log)
        self.given_targets = config.target_modules
        self.stage = "before"
        if config.init_lora_weights == "eva" and config.has(releases.EVA_MEMORY_WARNING):
            self.log.add(
                "eva-low-cpu",
                "lora with eva initialization used with low_cpu_mem_usage=False. Setting "
                "low_cpu_mem_usage=True can improve the maximum batch size possible for eva "
                "initialization.",
            )
        if self.task == "SEQ_CLS" and config.has(releases.HEADS_BEFORE):
            self._add_heads()
        check_iterable(config, "target_modules", "modules_to_save", "target_parameters")
        self.root, self.named_modules = build_module_graph(
            self.tree, choose_splitter(config, self.tree, self.unfold)
        )
        self._prepare()
        self._inject()
        self._finish()

    def _add_heads(self) -> None:
        config = self.config
        self.automatic = HEADS.get(str(self.task), ())
        if config.modules_to_save is None:
            config.modules_to_save = list(self.automatic)
        elif isinstance(config.modules_to_save, list):
            config.modules_to_save.extend(self.automatic)
        elif not config.has(releases.HEADS_IN_CONFIG):
            config.modules_to_save = [*list_entries_to_save(config), *self.automatic]
        else:
            kind = type(config.modules_to_save).__name__
            text = f"'{kind}' object has no attribute 'extend'"
            raise RefusedError("modules-to-save-type", "AttributeError", text, SAVE)

    def _prepare(self) -> None:
        """The config is rewritten for the model before any name is matched."""
        config, tree = self.config, self.tree
        if config.has(releases.MOE_REWRITE):
            self.replaced_targets = experts.rewrite_targets(config, tree, self.named_modules)
        if config.has(releases.TIED_SAVED_CHECKED):
            weight_tying.check_tied_modules(config, tree, self.log)
        set_default_targets(config, tree)
        root = self.named_modules[0][1]
        if config.layer_replication:
            from .layer_replication import replicate_layers

            replicate_layers(root, tree, config.layer_replication)
            self.named_modules = list(root.named_modules())
        config.target_modules = expand_targets(config, tree, self.named_modules)

    def _inject(self) -> None:
        """Match every module, wrap what is targeted, then parameters, then tied layers."""
        config, root = self.config, self.named_modules[0][1]
        dummy = config.target_modules == DUMMY and config.has(releases.DUMMY_TARGETS)
        if not dummy:
            check_iterable(config, "exclude_modules")
        named_modules = (
            self.named_modules[1:]
            if config.has(releases.EMPTY_NAME_SKIPPED)
            else self.named_modules
        )
        matcher = self.matcher = Matcher(config)
        wrapping = self.wrapping = LoraWrapper(config, self.tree, self.log, root)
        unmatched = False
        later: list[str] = []
        at_once = self._build_saving_wrapper(root)
        for name, _ in [] if dummy else named_modules:
            if at_once is not None and name.endswith(tuple(at_once.entries)):
                at_once.wrap_one(name)
                continue
            verdict = matcher.classify(name)
            if config.targets_to_tie and _is_tied_target(config, name):
                later.append(name)
            elif verdict == EXCLUDED:
                self.excluded.append(name)
            elif verdict != TARGETED:
                unmatched = True
            else:
                self._wrap(wrapping, name)
        wrapping.replay_fan_in_fan_out()
        if config.target_parameters:
            from .target_parameters import inject_parameters

            inject_parameters(wrapping, root)
        for name in later:
            self._wrap(wrapping, name)
        self._check(wrapping, dummy, unmatched)

    def _build_saving_wrapper(self, root: Module) -> AuxiliaryWrapper | None:
        """What older releases wrapped for saving while they looked for targets."""
        config = self.config
        if config.has(releases.SAVED_NOT_TARGETED):
            return None
        entries = list_entries_to_save(config)
        if not entries:
            return None
        from .modules_to_save import AuxiliaryWrapper, wrap_saved

        wrapper = AuxiliaryWrapper(config, root, entries, "saved", partial(wrap_saved, config))
        self.hits = wrapper.hits
        return wrapper

    def _wrap(self, wrapping: LoraWrapper, name: str) -> None:
        self.targeted.append(name)
        wrapping.wrap(name)
        self.stage = "wrapping"

    def _check(self, wrapping: LoraWrapper, dummy: bool, unmatched: bool) -> None:
        """Nothing matched is an error; part of it is at most a warning."""
        from loracheck.plan.result import match_errors

        parameters = any(layer.parameter for layer in wrapping.wrapped_layers)
        if not self.targeted and not parameters and not dummy:
            match_errors.raise_no_match(self.config, bool(self.excluded), unmatched)
        match_errors.warn_partial_match(
            self.config, self.log, self.excluded, self.targeted, parameters, dummy=dummy
        )
        match_errors.warn_unmatched_patterns(wrapping, self.log, self.targeted)
        weight_tying.warn_tied_targets(self.config, self.tree, self.log, self.targeted)

    def _finish(self) -> None:
        """Mark what trains, save modules in full, add token rows, then the task's own head."""
        config, root = self.config, self.named_modules[0][1]
        layers = self.wrapping.wrapped_layers if self.wrapping else []
        mark_trainable(config, root, layers)
        self.stage = "after" if layers else "before"
        whole = root
        if not config.has(releases.TOKENS_INJECTED):
            root = wrap_in_peft_model(root)
        if config.modules_to_save is not None:
            self._save(root)
        if config.modules_to_tie is not None:
            self._save_tied(root)
        if config.trainable_token_indices is not None:
            from .trainable_tokens import add_tokens

            self.tokens = add_tokens(config, self.tree, whole, self.log)
        root = self._wrap_for_task(root)
        check_attention_layers(layers)
        self.counts = count_parameters(root)
        if not config.has(releases.SAVE_KEEPS_COPY) and self.wrapping:
            there = {id(module) for _, module in root.named_modules()}
            self.wrapping.keep_only(there)
            self.hits = [hit for hit in self.hits if id(hit.wrapper) in there]

    def _save(self, root: Module) -> None:
        from .modules_to_save import AuxiliaryWrapper, wrap_saved

        entries = list_entries_to_save(self.config)
        if entries:
            hits = AuxiliaryWrapper(
                self.config, root, entries, "saved", partial(wrap_saved, self.config)
            ).wrap_all()
            self.hits += [hit._replace(name=hit.name.removeprefix(PREFIX)) for hit in hits]

    def _save_tied(self, root: Module) -> None:
        from .modules_to_save import AuxiliaryWrapper, wrap_saved_tied

        config = self.config
        embedding = root.get_submodule(weight_tying.find_embedding_name(self.tree) or "")
        if embedding.role != "saved" or embedding.copy is None:
            text = f"'{embedding.class_name}' object has no attribute 'modules_to_save'"
            raise RefusedError("tied-embedding", "AttributeError", text, "ensure_weight_tying")
        source = embedding.copy
        entries = sorted(config.modules_to_tie or ())
        wrap = partial(wrap_saved_tied, config, source=source)
        self.tied_hits = AuxiliaryWrapper(config, root, entries, "saved", wrap).wrap_all()

    def _wrap_for_task(self, root: Module) -> Module:
        """What PeftModelForX does after the injection."""
        task = self.task
        check_generation(self.config, self.tree, task)
        if task not in HEADS:
            return root
        if task != "SEQ_CLS" or not self.config.has(releases.HEADS_BEFORE):
            self._add_heads()
        if root.kind != PEFT_MODEL:
            root = wrap_in_peft_model(root)
        self._save(root)
        return root


def _is_tied_target(config: EffectiveConfig, name: str) -> bool:
    """`_check_tied_module_exists`."""
    return any(name == tied or name.endswith(f".{tied}") for tied in config.targets_to_tie)
