"""What every entry of the config came to: how many modules it matched, and what it decided."""

from __future__ import annotations

from functools import partial

from loracheck.plan.config.module_lists import COLLECTIONS, list_entries
from loracheck.plan.errors import RefusedError
from loracheck.plan.injection.wrapping import WrappedLayer
from loracheck.plan.matching import regexes
from loracheck.plan.matching.all_linear import is_shorthand
from loracheck.plan.matching.match import (
    Matcher,
    find_layer_place,
    list_entries_to_save,
    uses_layers,
)
from loracheck.plan.model import EntryMatch
from loracheck.plan.peft_tables import find_default_targets
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.graph.module_graph import Module
    from loracheck.plan.injection.simulation import Simulation

    LayerNumber: TypeAlias = int | str | float


class EntryMatcher:
    """The reaches of one run."""

    def __init__(self, run: Simulation) -> None:
        self.run = run
        self.config = run.config
        self.wrapped_layers: list[WrappedLayer] = (
            run.wrapping.wrapped_layers if run.wrapping and not run.error else []
        )
        self.named_modules = run.named_modules[1:]
        self.given_targets = _list_given_targets(run)

    def list_all(self) -> tuple[EntryMatch, ...]:
        """Every field's reaches; empty where the config itself was refused."""
        if not self.named_modules:
            return ()
        config = self.config
        parts = [
            (self.run.given_targets is not None, self._match_targets),
            (config.exclude_modules, self._match_exclusions),
            (config.modules_to_save, self._match_saved_entries),
            (config.rank_pattern or config.alpha_pattern, self._match_patterns),
            (uses_layers(config.layers_to_transform), self._match_layers),
            (config.target_parameters, self._match_parameters),
            (isinstance(config.trainable_token_indices, dict), self._match_tokens),
        ]
        matches: list[EntryMatch] = []
        for entry, part in parts:
            try:
                matches += part() if entry else []
            except RefusedError:  # a pattern that cannot be compiled reaches nothing
                continue
        return tuple(matches)

    def list_entries_behind(self, name: str, parameter: str | None) -> tuple[str, ...]:
        """The user's entries that led to one wrapped module or parameter."""
        if parameter is not None:
            parameter_entries = self._list_own_parameters()
            entries = tuple(entry for entry in parameter_entries if _ends_with_name(name, entry))
            became = self.run.replaced_targets
            if not isinstance(self.given_targets, str):
                return entries + tuple(
                    old for old, new in became.items() if _ends_with_name(name, new)
                )
            return entries or (self.given_targets,)
        if isinstance(self.given_targets, str):
            return (self.given_targets,)
        return tuple(entry for entry in self.given_targets if _ends_with_name(name, entry))

    def is_parameter(self, parameter: str | None) -> bool:
        """Whether a wrapped thing is a parameter."""
        return parameter is not None

    def _list_own_parameters(self) -> list[str]:
        """target_parameters without what the MoE rewrite added."""
        added = set(self.run.replaced_targets.values())
        entries = list_entries(self.config.target_parameters)
        return [str(entry) for entry in entries if entry not in added]

    def _match_targets(self) -> list[EntryMatch]:
        field = "target_modules"
        if isinstance(self.given_targets, str):
            layers = [
                m
                for m in self.wrapped_layers
                if self.given_targets in self.list_entries_behind(m.request.name, m.parameter)
            ]
            return [
                EntryMatch(
                    field,
                    self.given_targets,
                    self._count_whole_matches(self.given_targets),
                    self._count_wrapped(layers),
                )
            ]
        matches: list[EntryMatch] = []
        for entry in self.given_targets:
            ending = f".{entry}"  # as _ends, without a call for each name
            matched = self._sum(
                module
                for name, module in self.named_modules
                if name.endswith(ending) or name == entry
            )
            new = self.run.replaced_targets.get(entry)
            through = [
                layer
                for layer in self.wrapped_layers
                if (_ends_with_name(layer.request.name, entry) and layer.parameter is None)
                or (
                    new is not None
                    and layer.parameter is not None
                    and _ends_with_name(layer.request.name, new)
                )
            ]
            fused = sum(layer.request.module.group.count for layer in through if layer.parameter)
            matches.append(EntryMatch(field, entry, matched + fused, self._count_wrapped(through)))
        return matches

    def _count_whole_matches(self, pattern: str) -> int:
        if is_shorthand(pattern):
            return self._sum(m for _, m in self.named_modules if m.kind in ("Linear", "Conv1D"))
        return self._count(regexes.compile_pattern(pattern, "target_modules", whole=True))

    def _match_exclusions(self) -> list[EntryMatch]:
        value = self.config.exclude_modules
        if isinstance(value, str):
            match = regexes.compile_pattern(value, "exclude_modules", whole=True)
            return [self._match_exclusion(value, match)]
        # With PEFT's dummy target any value passes, as it is never read.
        entries = value if isinstance(value, COLLECTIONS) else ()
        return [
            self._match_exclusion(str(entry), partial(_ends_with_name, entry=str(entry)))
            for entry in entries
        ]

    def _match_exclusion(self, entry: str, match: Callable[[str], bool]) -> EntryMatch:
        matcher = self.run.matcher
        hit = [(name, module) for name, module in self.named_modules if match(name)]
        modules = [
            module for name, module in hit if matcher is not None and matcher.is_targeted(name)
        ]
        return EntryMatch(
            "exclude_modules", entry, self._sum(module for _, module in hit), self._sum(modules)
        )

    def _match_saved_entries(self) -> list[EntryMatch]:
        matches: list[EntryMatch] = []
        hits = self.run.hits
        for entry in dict.fromkeys(list_entries_to_save(self.config)):
            effect = self._sum(hit.module for hit in hits if hit.entry == entry)
            matched = self._count(partial(_ends_with_text, entry=entry))
            matches.append(EntryMatch("modules_to_save", entry, matched, effect))
        return matches

    def _match_patterns(self) -> list[EntryMatch]:
        wrapping = self.run.wrapping
        matches: list[EntryMatch] = []
        if wrapping is None:
            return matches
        for place, patterns in enumerate((wrapping.ranks, wrapping.alphas)):
            if patterns is None:
                continue
            field = patterns.field
            first = [
                (wrapping.find_keys(layer.request.name)[place], layer)
                for layer in self.wrapped_layers
            ]
            for key in patterns.values:
                used = self._count_wrapped([layer for hit, layer in first if hit == key])
                matched = self._count(patterns.compile_key(key))
                extra = [
                    m
                    for m in self.wrapped_layers
                    if m.parameter and patterns.compile_key(key)(m.request.name)
                ]
                matches.append(EntryMatch(field, key, matched + self._count_wrapped(extra), used))
        return matches

    def _match_layers(self) -> list[EntryMatch]:
        """How many target-matching modules each layer number has, and how many were wrapped."""
        config, matcher = self.config, self.run.matcher or Matcher(self.config)
        layers = config.layers_to_transform
        if not isinstance(layers, (int, list, tuple, set, frozenset, range)):
            return []
        listed = [layers] if isinstance(layers, int) else list(layers)
        numbers: list[Any] = [number for number in listed if isinstance(number, (int, str, float))]
        matched, effect = dict.fromkeys(numbers, 0), dict.fromkeys(numbers, 0)
        wrapped = {layer.request.name for layer in self.wrapped_layers if layer.parameter is None}
        for name, module in self.named_modules:
            if isinstance(matcher.targets, (str, type(None))) or not matcher.matches_suffix(name):
                continue
            for number in _find_layer_numbers(name, module, config, numbers):
                share = _count_in_one_layer(name, module, config)
                matched[number] += share
                effect[number] += share if name in wrapped else 0
        return [
            EntryMatch("layers_to_transform", n, matched[n], effect[n])  # 1.0 is 1
            for n in dict.fromkeys(numbers)
        ]

    def _match_parameters(self) -> list[EntryMatch]:
        matches: list[EntryMatch] = []
        for entry in self._list_own_parameters():
            matched = sum(
                module.group.count
                for name, module in self.named_modules
                for parameter_name in module.parameters
                if _ends_with_name(f"{name}.{parameter_name}", entry)
            )
            used = [
                m
                for m in self.wrapped_layers
                if m.parameter and _ends_with_name(m.request.name, entry)
            ]
            effect = self._count_wrapped(used)
            matches.append(EntryMatch("target_parameters", entry, max(matched, effect), effect))
        return matches

    def _match_tokens(self) -> list[EntryMatch]:
        matches: list[EntryMatch] = []
        for entry in list_entries(self.config.trainable_token_indices):
            if not isinstance(entry, str):  # which PEFT refuses
                continue
            matched = self._count(partial(_ends_with_text, entry=entry))
            used = sum(t.group.count for t in self.run.tokens if t.entry == entry)
            matches.append(EntryMatch("trainable_token_indices", entry, matched, used))
        return matches

    def _count(self, match: Callable[[str], bool]) -> int:
        return self._sum(module for name, module in self.named_modules if match(name))

    def _sum(self, mods: Iterable[Module]) -> int:
        return sum(module.group.count for module in mods)

    def _count_wrapped(self, layers: list[WrappedLayer]) -> int:
        return self._sum(one.request.module for one in layers)


def _list_given_targets(run: Simulation) -> str | list[str]:
    """target_modules as the user wrote it; the default table's where it was left out."""
    targets = run.given_targets
    if targets is None:
        targets = find_default_targets(run.tree.model_type, run.config.exact_release) or ()
    if isinstance(targets, str):
        return targets
    if not isinstance(targets, (*COLLECTIONS, dict)):
        return []
    return [str(entry) for entry in targets]


def _ends_with_name(name: str, entry: str) -> bool:
    return name.endswith(entry) and (name == entry or name[-len(entry) - 1] == ".")


def _ends_with_text(name: str, entry: str) -> bool:
    """modules_to_save and trainable_token_indices know no dot boundary."""
    return name.endswith(entry)


def _find_layer_numbers(
    name: str, module: Module, config: EffectiveConfig, numbers: list[LayerNumber]
) -> list[LayerNumber]:
    """The listed layer numbers that modules of the group have."""
    place = find_layer_place(name, config.layers_pattern, config)
    if place is None:
        return []
    parts = module.group.template.split(".")
    if parts[place] != "*":
        there = {int(name.split(".")[place])}
    else:
        there = set(module.group.indices[parts[:place].count("*")])
    return [number for number in dict.fromkeys(numbers) if number in there]


def _count_in_one_layer(name: str, module: Module, config: EffectiveConfig) -> int:
    """Modules of the group in one layer."""
    place = find_layer_place(name, config.layers_pattern, config)
    parts = module.group.template.split(".")
    if place is None or parts[place] != "*":
        return module.group.count
    return module.group.count // len(module.group.indices[parts[:place].count("*")])
