"""`RuleContext`: one LoRA setting with its model tree and its plan, as every rule gets it."""

from __future__ import annotations

from functools import cached_property
from os.path import join, split

from loracheck.config.field_table import get_lora_fields
from loracheck.documents.dependencies import exists
from loracheck.documents.model import Path, Unknown
from loracheck.releases.choose import NEWEST
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TypeVar

    from loracheck.config.check import Issue
    from loracheck.documents.model import Document
    from loracheck.documents.values import Value
    from loracheck.engines import Engine
    from loracheck.plan.model import Plan
    from loracheck.plan.numbers import SplitConfig
    from loracheck.policies.model import Policy
    from loracheck.releases.choose import ReleasePair
    from loracheck.tools.core.setting import Setting
    from loracheck.trees.model import ModuleTree
    from loracheck.trees.sources.bundle import OtherTree
    from loracheck.trees.sources.request import ResolvedTree

    from .support.adapter_weights import AdapterWeights

    T = TypeVar("T")


NUMBERS = frozenset({"r", "lora_alpha", "lora_dropout"})
"""Fields that do not matter to which modules a config reaches and trains."""

NO_TARGETS = NUMBERS | {"task_type", "bias", "init_lora_weights"}
"""Fields that do not matter to what the names of the targets match."""


class RuleContext:
    """One LoRA setting of a file with all that is known about it.

    What is expensive (issues, plans, weights) is computed when a rule first reads it, and kept.
    """

    def __init__(
        self,
        setting: Setting,
        resolved: ResolvedTree,
        peft: str | None = None,
        first: bool = True,
        others: Callable[[], Sequence[OtherTree]] = tuple,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        serve: tuple[str, ...] = (),
        on_disk: bool = True,
        own_tree: Callable[[], ModuleTree | None] | None = None,
        policies: tuple[Policy, ...] = (),
        releases: Callable[[], ReleasePair] | None = None,
    ) -> None:
        self._own_tree = own_tree
        self._releases = releases
        self.setting = setting
        self.first = first
        """Whether the setting is the file's first."""
        self.resolved = resolved
        """The model's tree, or the reason why there is none."""
        self.tree = resolved.tree
        """The model's module tree, if it is known."""
        self.peft = peft
        """The PEFT release to judge by; None for the newest."""
        self._others = others
        """Gives the model's trees on other transformers releases."""
        self._options = options or {}
        """The numbers that the user's settings give to rules, by code."""
        self._results: dict[Callable[[RuleContext], Any], Any] = {}
        self.on_disk = on_disk
        """False for a text without its file, so that what lies beside the file is not read."""
        self.trained_on: RuleContext | None = None
        """For a saved adapter that a script puts on a model which its config does not name: the
        same adapter on the model that it was trained on.
        """
        self.policies = policies
        """The team's policies for the file."""
        self.serve = serve
        """The engines that the adapter is to be loaded by: those of `--serve`, and the one that the
        file itself starts.
        """
        if setting.behaviour.server is not None:
            from .support.own_server import add_own_server

            self.serve = add_own_server(serve, setting.behaviour.server, resolved)

    def with_tree(self, resolved: ResolvedTree, setting: Setting | None = None) -> RuleContext:
        """The same setting, or another that differs in values alone, held against another tree, or
        against none.
        """
        return RuleContext(
            setting or self.setting,
            resolved,
            self.peft,
            self.first,
            options=self._options,
            serve=self.serve,
            on_disk=self.on_disk,
            own_tree=self._own_tree,
            policies=self.policies,
            releases=self._releases,
        )

    def option(self, code: str, name: str, default: object) -> Any:
        """The number that the user's settings give to a rule (its code and one of its OPTIONS),
        else the default.
        """
        return self._options.get(code, {}).get(name, default)

    def compute_once(self, function: Callable[[RuleContext], T]) -> T:
        """`function(self)`, computed at the first call and kept for the rules that ask again."""
        if function not in self._results:
            self._results[function] = function(self)
        result: T = self._results[function]
        return result

    @property
    def document(self) -> Document:
        """The file's document."""
        return self.setting.document

    @cached_property
    def issues(self) -> list[Issue]:
        """The issues that LoraConfig's fields have: what PEFT refuses, ignores or warns of."""
        from .support.setting_issues import find_setting_issues

        return find_setting_issues(self.setting, self.peft)

    @cached_property
    def method_issues(self) -> list[Issue]:
        """The issues of a config of another of PEFT's methods."""
        from .support.setting_issues import find_method_issues

        return find_method_issues(self.setting, self.peft)

    @cached_property
    def has_refused_values(self) -> bool:
        """Whether LoraConfig itself refuses the values, so that no model would be changed at
        all.
        """
        return bool(self._refused_fields)

    @cached_property
    def plan(self) -> Plan | None:
        """What PEFT would do with the model; None without an exact tree, with refused values, and
        for a tool that chooses and makes its layers itself.
        """
        if self.tree is None or self.tree.partial or self.has_refused_values:
            return None
        return self._plan(self.tree) if self.refused_beside_targets else self.names_plan

    @cached_property
    def names_plan(self) -> Plan | None:
        """As `plan`, also for a model that is known by its tensor names alone, and for a config of
        which PEFT refuses fields that have nothing to do with the targets: of these only the
        matching of names can be trusted.
        """
        beside = self.refused_beside_targets
        if self.tree is None or (self._refused_fields - beside):
            return None
        return self._plan(self.tree, without=beside)

    @property
    def _refused_fields(self) -> frozenset[str]:
        return frozenset(
            str(issue.path[0])
            for issue in self.issues
            if issue.effect == "raises" and (issue.kind != "unknown-field" or len(issue.path) > 1)
        )

    @cached_property
    def refused_beside_targets(self) -> frozenset[str]:
        """The fields of `NO_TARGETS` with a value that PEFT refuses, at once or as it wraps."""
        return frozenset(
            str(issue.path[0]) for issue in self.issues if issue.effect in ("raises", "fails")
        ).intersection(NO_TARGETS)

    @cached_property
    def split(self) -> SplitConfig | None:
        """The setting's fields without their numbers, where these decide sizes alone."""
        from loracheck.plan.numbers import split_numbers

        return split_numbers(self.setting.fields)

    def _plan(self, tree: ModuleTree, without: frozenset[str] = frozenset()) -> Plan | None:
        from .support.setting_plan import compute_setting_plan

        values = {k: v for k, v in self.peft_keywords.items() if k not in without}
        are_fields = not self.setting.behaviour.planned and len(values) == len(self.setting.fields)
        split = self.split if are_fields else None
        return compute_setting_plan(self.setting, values, tree, self.peft, split)

    @property
    def peft_keywords(self) -> dict[str, Any]:
        """The keywords that LoraConfig is called with: the setting's fields without what PEFT drops
        of a file.
        """
        fields = get_lora_fields()
        dropped = {"runtime_config"} if self.setting.form == "adapter_config" else set[str]()
        values = {**self.setting.fields, **self.setting.behaviour.planned}
        return {k: v for k, v in values.items() if k in fields and k not in dropped}

    @cached_property
    def accepting_peft(self) -> str | None:
        """The newest PEFT release where it accepts what the release of `--peft` refuses; None
        otherwise.
        """
        if self.peft is None or self.tree is None:
            return None
        from loracheck.plan.config import releases

        newest = ".".join(map(str, releases.NEWEST))
        plan = RuleContext(self.setting, self.resolved, newest).plan
        return newest if plan is not None and plan.error is None else None

    @cached_property
    def plans_on_other_releases(self) -> list[tuple[OtherTree, Plan]]:
        """The plans of the same config on the model's trees of other transformers releases, each
        with the release.
        """
        trees = () if self.has_refused_values else self.other_trees
        plans = [(other, self._plan(other.tree)) for other in trees]
        return [(other, plan) for other, plan in plans if plan is not None]

    @cached_property
    def other_trees(self) -> tuple[OtherTree, ...]:
        """The model's trees on other transformers releases; none where its tree is not known."""
        return tuple(self._others()) if self.tree is not None else ()

    @cached_property
    def own_tree(self) -> ModuleTree | None:
        """The tree of the class that the checkpoint was saved with (`architectures`), whose modules
        are pretrained; None where it is not at hand.
        """
        return self._own_tree() if self._own_tree is not None else None

    @cached_property
    def releases(self) -> ReleasePair | None:
        """The transformers and PEFT releases that run the file, each with why it is this one; None
        where the caller gave none.
        """
        return self._releases() if self._releases is not None else None

    @property
    def release_assumed(self) -> bool:
        """Whether nothing says which transformers will run, so that the newest known judges."""
        release = self.resolved.release
        return release is not None and release.basis == NEWEST

    @cached_property
    def weights(self) -> AdapterWeights | None:
        """The weights beside an adapter_config.json, where there are any."""
        if self.setting.form != "adapter_config" or not self.on_disk:
            return None
        folder, name = split(self.document.path)
        files = ("adapter_model.safetensors", "adapter_model.safetensors.index.json")
        if name != "adapter_config.json" or not any(exists(join(folder, one)) for one in files):
            return None
        from .support.adapter_weights import read_weights

        return read_weights(self.document.path)

    @cached_property
    def engines(self) -> tuple[Engine, ...]:
        """The engines that `--serve` or the file itself names, without those for LoRA files."""
        if not self.serve:
            return ()
        from loracheck.engines import parse_engine

        engines = map(parse_engine, self.serve)
        return tuple(engine for engine in engines if not engine.loads_lora_files)

    def value(self, name: str) -> Any:
        """The field's value as PEFT would get it: the file's, or LoraConfig's default."""
        if name in self.setting.fields:
            return self.setting.fields[name]
        return get_lora_fields()[name].default if self.setting.complete else Unknown()

    def is_set(self, name: str) -> bool:
        """Whether the file sets the field to a value that is known."""
        return name in self.setting.fields and not isinstance(self.setting.fields[name], Unknown)

    def place(self, name: str) -> Path:
        """The path of the field's value in the document; the setting's own path where the file does
        not set it.
        """
        return self.setting.place(name)

    def entry_place(self, name: str, value: Value) -> Path:
        """The path of one entry of a list or mapping field, else of the field."""
        return self.place(name) + _step_to_entry(
            self.setting.fields.get(name), value, name in self.setting.places
        )

    def spelling(self, name: str) -> str:
        """The field's name as the file spells it, such as `lora_rank` for `r`."""
        return self.setting.keys.get(name, name)

    def takes(self, name: str) -> bool:
        """Whether the file can set the field: PEFT's own config can, a tool where it has a key."""
        tool = self.setting.tool
        return tool is None or any(key.field == name for key in tool.keys)


def _step_to_entry(container: Any, value: Any, has_place: bool) -> Path:
    if not has_place:
        return ()
    if isinstance(container, dict):
        return (value,) if value in container else ()
    if isinstance(container, (list, tuple)):
        return next(((i,) for i, item in enumerate(container) if item == value), ())
    return ()
