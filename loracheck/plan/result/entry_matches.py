"""What every entry of the config came to: how many modules it matched, and what it decided."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from loracheck.plan.config.lora_config import LISTED
from loracheck.plan.errors import RefusedError
from loracheck.plan.injection.wrapping import Made
from loracheck.plan.matching import regexes
from loracheck.plan.matching.all_linear import is_shorthand
from loracheck.plan.matching.match import Matcher, layer_place, uses_layers
from loracheck.plan.model import Reach
from loracheck.plan.peft_tables import default_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from loracheck.plan.config.lora_config import Lora
    from loracheck.plan.graph.module_graph import Mod
    from loracheck.plan.injection.simulation import Run


class Reached:
    """The reaches of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lora = run.lora
        self.made: list[Made] = run.wrapping.made if run.wrapping and not run.error else []
        self.listed = run.listed[1:]
        self.given = _given(run)

    def all(self) -> tuple[Reach, ...]:
        """Every field's reaches; empty where the config itself was refused."""
        if not self.listed:
            return ()
        lora = self.lora
        parts = [
            (self.run.given is not None, self._targets),
            (lora.exclude_modules, self._exclusions),
            (lora.modules_to_save, self._saved),
            (lora.rank_pattern or lora.alpha_pattern, self._patterns),
            (uses_layers(lora.layers_to_transform), self._layers),
            (lora.target_parameters, self._parameters),
            (isinstance(lora.trainable_token_indices, dict), self._tokens),
        ]
        found: list[Reach] = []
        for wanted, part in parts:
            try:
                found += part() if wanted else []
            except RefusedError:  # a pattern that cannot be compiled reaches nothing
                continue
        return tuple(found)

    def entries(self, name: str, parameter: str | None) -> tuple[str, ...]:
        """The user's entries that led to one wrapped module or parameter."""
        if parameter is not None:
            own = self._own_parameters()
            found = tuple(entry for entry in own if _ends(name, entry))
            became = self.run.became
            if not isinstance(self.given, str):
                return found + tuple(old for old, new in became.items() if _ends(name, new))
            return found or (self.given,)
        if isinstance(self.given, str):
            return (self.given,)
        return tuple(entry for entry in self.given if _ends(name, entry))

    def by_parameter(self, parameter: str | None) -> bool:
        """Whether a wrapped thing is a parameter."""
        return parameter is not None

    def _own_parameters(self) -> list[str]:
        """target_parameters without what the MoE rewrite added."""
        added = set(self.run.became.values())
        return [str(entry) for entry in self.lora.target_parameters or () if entry not in added]

    def _targets(self) -> list[Reach]:
        field = "target_modules"
        if isinstance(self.given, str):
            own = [m for m in self.made if self.given in self.entries(m.asked.name, m.parameter)]
            return [Reach(field, self.given, self._whole(self.given), self._effect(own))]
        found: list[Reach] = []
        for entry in self.given:
            ending = f".{entry}"  # as _ends, without a call for each name
            matched = self._sum(
                mod for name, mod in self.listed if name.endswith(ending) or name == entry
            )
            new = self.run.became.get(entry)
            through = [
                made
                for made in self.made
                if (_ends(made.asked.name, entry) and made.parameter is None)
                or (new is not None and made.parameter is not None and _ends(made.asked.name, new))
            ]
            fused = sum(made.asked.mod.group.count for made in through if made.parameter)
            found.append(Reach(field, entry, matched + fused, self._effect(through)))
        return found

    def _whole(self, pattern: str) -> int:
        if is_shorthand(pattern):
            return self._sum(m for _, m in self.listed if m.kind in ("Linear", "Conv1D"))
        return self._count(regexes.compiled(pattern, "target_modules", whole=True))

    def _exclusions(self) -> list[Reach]:
        value = self.lora.exclude_modules
        if isinstance(value, str):
            match = regexes.compiled(value, "exclude_modules", whole=True)
            return [self._exclusion(value, match)]
        # With PEFT's dummy target any value passes, as it is never read.
        entries = value if isinstance(value, LISTED) else ()
        return [self._exclusion(str(entry), partial(_ends, entry=str(entry))) for entry in entries]

    def _exclusion(self, entry: str, match: Callable[[str], bool]) -> Reach:
        matcher = self.run.matcher
        hit = [(name, mod) for name, mod in self.listed if match(name)]
        kept = [mod for name, mod in hit if matcher is not None and matcher.wanted(name)]
        return Reach("exclude_modules", entry, self._sum(mod for _, mod in hit), self._sum(kept))

    def _saved(self) -> list[Reach]:
        found: list[Reach] = []
        hits = self.run.hits
        for entry in dict.fromkeys(self.lora.modules_to_save):
            effect = self._sum(hit.mod for hit in hits if hit.entry == entry)
            matched = self._count(partial(_closes, entry=entry))
            found.append(Reach("modules_to_save", entry, matched, effect))
        return found

    def _patterns(self) -> list[Reach]:
        wrapping = self.run.wrapping
        found: list[Reach] = []
        if wrapping is None:
            return found
        for place, patterns in enumerate((wrapping.ranks, wrapping.alphas)):
            if patterns is None:
                continue
            field = patterns.field
            first = [(wrapping.keys(made.asked.name)[place], made) for made in self.made]
            for key in patterns.values:
                used = self._effect([made for hit, made in first if hit == key])
                matched = self._count(patterns.match(key))
                extra = [m for m in self.made if m.parameter and patterns.match(key)(m.asked.name)]
                found.append(Reach(field, key, matched + self._effect(extra), used))
        return found

    def _layers(self) -> list[Reach]:
        """How many target-matching modules each layer number has, and how many were wrapped."""
        lora, matcher = self.lora, self.run.matcher or Matcher(self.lora)
        wanted = lora.layers_to_transform
        if not isinstance(wanted, (int, list, tuple, set, frozenset, range)):
            return []
        numbers = [wanted] if isinstance(wanted, int) else list(wanted)
        numbers = [number for number in numbers if isinstance(number, (int, str, float))]
        matched, effect = dict.fromkeys(numbers, 0), dict.fromkeys(numbers, 0)
        wrapped = {made.asked.name for made in self.made if made.parameter is None}
        for name, mod in self.listed:
            if isinstance(matcher.targets, (str, type(None))) or not matcher.by_suffix(name):
                continue
            for number in _layer_numbers(name, mod, lora, numbers):
                share = _share(name, mod, lora)
                matched[number] += share
                effect[number] += share if name in wrapped else 0
        return [
            Reach("layers_to_transform", n, matched[n], effect[n]) for n in dict.fromkeys(numbers)
        ]

    def _parameters(self) -> list[Reach]:
        found: list[Reach] = []
        for entry in self._own_parameters():
            matched = sum(
                mod.group.count
                for name, mod in self.listed
                for own in mod.pars
                if _ends(f"{name}.{own}", entry)
            )
            used = [m for m in self.made if m.parameter and _ends(m.asked.name, entry)]
            effect = self._effect(used)
            found.append(Reach("target_parameters", entry, max(matched, effect), effect))
        return found

    def _tokens(self) -> list[Reach]:
        found: list[Reach] = []
        for entry in self.lora.trainable_token_indices:
            matched = self._count(partial(_closes, entry=entry))
            used = sum(t.group.count for t in self.run.tokens if t.entry == entry)
            found.append(Reach("trainable_token_indices", entry, matched, used))
        return found

    def _count(self, match: Callable[[str], bool]) -> int:
        return self._sum(mod for name, mod in self.listed if match(name))

    def _sum(self, mods: Iterable[Mod]) -> int:
        return sum(mod.group.count for mod in mods)

    def _effect(self, made: list[Made]) -> int:
        return self._sum(one.asked.mod for one in made)


def _given(run: Run) -> Any:
    """target_modules as the user wrote it; the default table's where it was left out."""
    given = run.given
    if given is None:
        given = default_targets(run.tree.model_type, run.lora.asked) or ()
    if isinstance(given, str):
        return given
    listed = isinstance(given, (list, tuple, set, frozenset, dict))
    return [str(entry) for entry in given] if listed else []


def _ends(name: str, entry: str) -> bool:
    return name.endswith(entry) and (name == entry or name[-len(entry) - 1] == ".")


def _closes(name: str, entry: str) -> bool:
    """modules_to_save and trainable_token_indices know no dot boundary."""
    return name.endswith(entry)


def _layer_numbers(name: str, mod: Mod, lora: Lora, numbers: list[Any]) -> list[Any]:
    """The listed layer numbers that modules of the group have."""
    place = layer_place(name, lora.layers_pattern, lora)
    if place is None:
        return []
    parts = mod.group.template.split(".")
    if parts[place] != "*":
        there = {int(name.split(".")[place])}
    else:
        there = set(mod.group.indices[parts[:place].count("*")])
    return [number for number in dict.fromkeys(numbers) if number in there]


def _share(name: str, mod: Mod, lora: Lora) -> int:
    """Modules of the group in one layer."""
    place = layer_place(name, lora.layers_pattern, lora)
    parts = mod.group.template.split(".")
    if place is None or parts[place] != "*":
        return mod.group.count
    return mod.group.count // len(mod.group.indices[parts[:place].count("*")])
