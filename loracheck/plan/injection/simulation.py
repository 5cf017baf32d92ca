"""`plan`: everything `get_peft_model(model, LoraConfig(**config))` does, in PEFT's order.

Source: PEFT 0.21.2 (older releases: releases.py), mapping_func.py `get_peft_model`, peft_model.py
(the PeftModelFor... classes), tuners/tuners_utils.py `BaseTuner.inject_adapter`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from loracheck.plan.config import releases
from loracheck.plan.config.lora_config import post_init, readable, settled
from loracheck.plan.errors import NotKnownError, RefusedError, UnfoldError
from loracheck.plan.graph.from_tree import mirror, split_for
from loracheck.plan.graph.module_graph import Mod
from loracheck.plan.matching.all_linear import all_linear, is_shorthand
from loracheck.plan.matching.match import (
    EXCLUDED,
    SAVE,
    TARGETED,
    Matcher,
    entries_to_save,
    uses_layers,
)
from loracheck.plan.model import Plan, Stage
from loracheck.plan.result.build_plan import tell
from loracheck.plan.result.parameter_counts import attention_intact, counts, mark
from loracheck.plan.result.warning_log import Warned

from . import experts, weight_tying
from .tasks import HEADS, PEFT_MODEL, PREFIX, check_generation, peft_model
from .wrapping import Wrapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.plan.config.lora_config import Lora
    from loracheck.plan.model import Tokens
    from loracheck.trees.model import ModuleTree

    from .modules_to_save import Hit, Saving

CONDENSED_FROM = 20
"""PEFT's MIN_TARGET_MODULES_FOR_OPTIMIZATION."""

DUMMY = "dummy-target-modules"
"""PEFT's DUMMY_TARGET_MODULES: nothing is matched and nothing is said."""


def plan(
    config: Mapping[str, Any], tree: ModuleTree, *, task: bool = True, peft: str | None = None
) -> Plan | None:
    """What PEFT would do with the config (LoraConfig's keywords) and the model.

    `task` False leaves out what PeftModelForX adds for a task_type (`inject_adapter_in_model`).
    `peft` is the release to follow ("0.13"), the newest if None; fields that it does not have are
    passed over. None where a value that decides what is targeted is not known before run time.
    Never raises for a bad config: the plan's `error` is what PEFT would raise. ValueError where
    `peft` is no version.
    """
    try:
        return _planned(config, tree, task, peft, every=False)
    except NotKnownError:
        return None
    except UnfoldError:
        return _planned(config, tree, task, peft, every=True)


def _planned(
    config: Mapping[str, Any], tree: ModuleTree, task: bool, peft: str | None, *, every: bool
) -> Plan:
    lora, unknown = settled(config, releases.number(peft))
    lora.asked = releases.exact(peft)
    run = Run(lora, tree, task, every=every)
    try:
        run.all()
    except RefusedError as refused:
        run.error = refused.at(run.stage)
    return tell(run, unknown)


class Run:
    """One injection, step by step."""

    def __init__(self, lora: Lora, tree: ModuleTree, task: bool, *, every: bool = False) -> None:
        self.lora = lora
        self.every = every
        self.tree = tree
        self.task = lora.task_type if task else None
        self.warned = Warned()
        self.stage: Stage = "config"
        self.error: Any = None
        self.given: Any = None
        self.root: Mod | None = None
        self.listed: list[tuple[str, Mod]] = []
        self.wrapping: Wrapping | None = None
        self.matcher: Matcher | None = None
        self.became: dict[str, str] = {}
        self.automatic: tuple[str, ...] = ()
        self.excluded: list[str] = []
        self.targeted: list[str] = []
        self.hits: list[Hit] = []
        self.tied_hits: list[Hit] = []
        self.tokens: list[Tokens] = []
        self.counts: tuple[int, int] | None = None
        self.entries: Any = None

    def all(self) -> None:
        """Every step. Raises RefusedError where PEFT raises."""
        lora = self.lora
        post_init(lora, self.warned)
        self.given = lora.target_modules
        self.stage = "before"
        if lora.init_lora_weights == "eva" and lora.has(releases.EVA_MEMORY_WARNING):
            self.warned.add(
                "eva-low-cpu",
                "lora with eva initialization used with low_cpu_mem_usage=False. Setting "
                "low_cpu_mem_usage=True can improve the maximum batch size possible for eva "
                "initialization.",
            )
        if self.task == "SEQ_CLS" and lora.has(releases.HEADS_BEFORE):
            self._add_heads()
        readable(lora, "target_modules", "modules_to_save", "target_parameters")
        self.root, self.listed = mirror(self.tree, split_for(lora, self.tree, self.every))
        self._prepare()
        self._inject()
        self._finish()

    def _add_heads(self) -> None:
        lora = self.lora
        self.automatic = HEADS.get(str(self.task), ())
        if lora.modules_to_save is None:
            lora.modules_to_save = list(self.automatic)
        elif isinstance(lora.modules_to_save, list):
            lora.modules_to_save.extend(self.automatic)
        elif not lora.has(releases.HEADS_IN_CONFIG):
            lora.modules_to_save = [*entries_to_save(lora), *self.automatic]
        else:
            kind = type(lora.modules_to_save).__name__
            text = f"'{kind}' object has no attribute 'extend'"
            raise RefusedError("modules-to-save-type", "AttributeError", text, SAVE)

    def _prepare(self) -> None:
        """The config is rewritten for the model before any name is matched."""
        lora, tree = self.lora, self.tree
        if lora.has(releases.MOE_REWRITE):
            self.became = experts.rewrite(lora, tree, self.listed)
        if lora.has(releases.TIED_SAVED_CHECKED):
            weight_tying.check_tied(lora, tree, self.warned)
        self._defaults()
        root = self.listed[0][1]
        if lora.layer_replication:
            from .layer_replication import replicate

            replicate(root, tree, lora.layer_replication)
            self.listed = list(root.named())
        if is_shorthand(lora.target_modules):
            self.entries = lora.target_modules
            lora.target_modules = all_linear(lora, tree, self.listed)
        elif self._condenses():
            from loracheck.plan.matching.suffix_targets import condensed

            names = [name for name, _ in self.listed]
            if not lora.layer_replication:
                names = [module.name for module in tree.modules()]
            lora.target_modules = condensed(lora.target_modules, names)

    def _defaults(self) -> None:
        """`LoraModel._prepare_adapter_config`: the default targets of the model type."""
        lora = self.lora
        if lora.target_modules is not None:
            return
        from loracheck.plan.peft_tables import default_targets

        found = default_targets(self.tree.model_type, lora.asked)
        if found is not None:
            lora.target_modules = found if isinstance(found, str) else dict.fromkeys(found)
        elif not lora.target_parameters:
            either = lora.has(releases.DEFAULT_TARGETS_OR_PARAMETERS)
            fields = (
                "`target_modules` or `target_parameters`in" if either else "`target_modules` in"
            )
            text = f"Please specify {fields} `peft_config`"
            raise RefusedError("no-default-targets", "ValueError", text, "target_modules")

    def _condenses(self) -> bool:
        """Condensing shows only where layers_to_transform is used (or an entry is empty)."""
        targets = self.lora.target_modules
        if not isinstance(targets, dict) or len(targets) < CONDENSED_FROM:
            return False
        if not self.lora.has(releases.CONDENSING):
            return False
        return uses_layers(self.lora.layers_to_transform) or "" in targets

    def _inject(self) -> None:
        """Match every module, wrap what is targeted, then parameters, then tied layers."""
        lora, root = self.lora, self.listed[0][1]
        dummy = lora.target_modules == DUMMY and lora.has(releases.DUMMY_TARGETS)
        if not dummy:
            readable(lora, "exclude_modules")
        listed = self.listed[1:] if lora.has(releases.EMPTY_NAME_SKIPPED) else self.listed
        matcher = self.matcher = Matcher(lora)
        wrapping = self.wrapping = Wrapping(lora, self.tree, self.warned, root)
        unmatched = False
        later: list[str] = []
        at_once = self._saving_at_once(root)
        for name, _ in [] if dummy else listed:
            if at_once is not None and name.endswith(tuple(at_once.entries)):
                at_once.one(name)
                continue
            verdict = matcher.verdict(name)
            if lora.targets_to_tie and _tied(lora, name):
                later.append(name)
            elif verdict == EXCLUDED:
                self.excluded.append(name)
            elif verdict != TARGETED:
                unmatched = True
            else:
                self._wrap(wrapping, name)
        wrapping.settle_fan()
        if lora.target_parameters:
            from .target_parameters import inject

            inject(wrapping, root)
        for name in later:
            self._wrap(wrapping, name)
        self._check(wrapping, dummy, unmatched)

    def _saving_at_once(self, root: Mod) -> Saving | None:
        """What older releases wrapped for saving while they looked for targets."""
        lora = self.lora
        if lora.has(releases.SAVED_NOT_TARGETED):
            return None
        entries = entries_to_save(lora)
        if not entries:
            return None
        from .modules_to_save import Saving, saved

        made = Saving(lora, root, entries, "saved", partial(saved, lora))
        self.hits = made.hits
        return made

    def _wrap(self, wrapping: Wrapping, name: str) -> None:
        self.targeted.append(name)
        wrapping.wrap(name)
        self.stage = "wrapping"

    def _check(self, wrapping: Wrapping, dummy: bool, unmatched: bool) -> None:
        """Nothing matched is an error; part of it is at most a warning."""
        from loracheck.plan.result import match_errors

        parameters = any(made.parameter for made in wrapping.made)
        if not self.targeted and not parameters and not dummy:
            match_errors.nothing(self.lora, bool(self.excluded), unmatched)
        match_errors.partly(
            self.lora, self.warned, self.excluded, self.targeted, parameters, dummy=dummy
        )
        match_errors.dead_patterns(wrapping, self.warned, self.targeted)
        weight_tying.check_targeted(self.lora, self.tree, self.warned, self.targeted)

    def _finish(self) -> None:
        """Mark what trains, save modules in full, add token rows, then the task's own head."""
        lora, root = self.lora, self.listed[0][1]
        made = self.wrapping.made if self.wrapping else []
        mark(lora, root, made)
        self.stage = "after" if made else "before"
        whole = root
        if not lora.has(releases.TOKENS_INJECTED):
            root = peft_model(root)
        if lora.modules_to_save is not None:
            self._save(root)
        if lora.modules_to_tie is not None:
            self._save_tied(root)
        if lora.trainable_token_indices is not None:
            from .trainable_tokens import add_tokens

            self.tokens = add_tokens(lora, self.tree, whole, self.warned)
        root = self._head(root)
        attention_intact(made)
        self.counts = counts(root)
        if not lora.has(releases.SAVE_KEEPS_COPY) and self.wrapping:
            there = {id(mod) for _, mod in root.named()}
            self.wrapping.forget(there)
            self.hits = [hit for hit in self.hits if id(hit.wrapper) in there]

    def _save(self, root: Mod) -> None:
        from .modules_to_save import Saving, saved

        entries = entries_to_save(self.lora)
        if entries:
            hits = Saving(self.lora, root, entries, "saved", partial(saved, self.lora)).all()
            self.hits += [hit._replace(name=hit.name.removeprefix(PREFIX)) for hit in hits]

    def _save_tied(self, root: Mod) -> None:
        from .modules_to_save import Saving, saved_tied

        lora = self.lora
        embedding = root.submodule(weight_tying.accessed(self.tree) or "")
        if embedding.role != "saved" or embedding.copy is None:
            text = f"'{embedding.class_name}' object has no attribute 'modules_to_save'"
            raise RefusedError("tied-embedding", "AttributeError", text, "ensure_weight_tying")
        source = embedding.copy
        entries = sorted(lora.modules_to_tie or ())
        wrap = partial(saved_tied, lora, source=source)
        self.tied_hits = Saving(lora, root, entries, "saved", wrap).all()

    def _head(self, root: Mod) -> Mod:
        """What PeftModelForX does after the injection."""
        task = self.task
        check_generation(self.lora, self.tree, task)
        if task not in HEADS:
            return root
        if task != "SEQ_CLS" or not self.lora.has(releases.HEADS_BEFORE):
            self._add_heads()
        if root.kind != PEFT_MODEL:
            root = peft_model(root)
        self._save(root)
        return root


def _tied(lora: Lora, name: str) -> bool:
    """`_check_tied_module_exists`."""
    return any(name == tied or name.endswith(f".{tied}") for tied in lora.targets_to_tie)
