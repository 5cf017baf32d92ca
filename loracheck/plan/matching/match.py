"""Which module names the config targets, excludes, and how: one name at a time.

Source: PEFT 0.21.2, tuners/tuners_utils.py `check_target_module_exists`, utils/other.py
`get_pattern_key`.
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

from . import regexes

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.plan.config.effective_config import EffectiveConfig

    from .regexes import NameTest

EXCLUDED, UNMATCHED, TARGETED = -1, 0, 1


class Matcher:
    """`check_target_module_exists` for one config; patterns are compiled when first needed."""

    def __init__(self, config: EffectiveConfig) -> None:
        self.config = config
        self.targets: Any = config.target_modules
        self._exclude: NameTest | None = None
        self._saved: list[NameTest] | None = None
        self._target: NameTest | None = None
        self._suffixes = list_suffixes(self.targets, "target_modules")

    def classify(self, name: str) -> int:
        """EXCLUDED, UNMATCHED or TARGETED."""
        if self.is_excluded(name):
            return EXCLUDED
        return TARGETED if self.is_targeted(name) else UNMATCHED

    def is_targeted(self, name: str) -> bool:
        """Whether target_modules (with its layers) matches, exclusions aside."""
        if self.targets is None:  # target_parameters alone, or the default table would have spoken
            return False
        if isinstance(self.targets, str):
            return self.matches_whole(name)
        if name in self.targets:
            return True
        return self.matches_suffix(name) and self.is_in_layers(name)

    def matches_suffix(self, name: str) -> bool:
        """Whether a list entry is the end of the name; only then do layers count."""
        return name.endswith(self._suffixes)

    def is_excluded(self, name: str) -> bool:
        """Whether exclude_modules or modules_to_save keeps the module out."""
        config = self.config
        if config.exclude_modules:
            if self._exclude is None:
                self._exclude = compile_exclusion(config.exclude_modules)
            if self._exclude(name):
                return True
        if config.modules_to_save and config.has(releases.SAVED_NOT_TARGETED):
            if self._saved is None:
                self._saved = [
                    regexes.compile_whole_part(m, SAVE) for m in list_entries_to_save(config)
                ]
            return any(match(name) for match in self._saved)
        return False

    def matches_whole(self, name: str) -> bool:
        """Whether a `target_modules` string matches the whole name."""
        if self._target is None:
            self._target = regexes.compile_pattern(self.targets, "target_modules", whole=True)
        return self._target(name)

    def is_in_layers(self, name: str) -> bool:
        """Whether layers_to_transform lets the module through."""
        layers = self.config.layers_to_transform
        if not uses_layers(layers):
            return True
        index = find_layer_index(name, self.config.layers_pattern, self.config)
        if index is None:
            return False
        if isinstance(layers, int):
            return bool(index == layers)
        try:
            container: Any = layers
            return bool(index in container)
        except TypeError as error:
            raise RefusedError(
                "wrong-type", "TypeError", str(error), "layers_to_transform", name
            ) from None


SAVE = "modules_to_save"


def uses_layers(layers: Value) -> bool:
    """Whether layers_to_transform says anything: an empty list means all layers."""
    return layers is not None and (len(layers) != 0 if isinstance(layers, list) else True)


def list_entries_to_save(config: EffectiveConfig) -> list[str]:
    """The entries of modules_to_save as PEFT iterates over them: a str by its characters."""
    value = config.modules_to_save
    if not value:
        return []
    if not isinstance(value, (str, list, tuple, set, dict)):
        text = f"'{type(value).__name__}' object is not iterable"
        raise RefusedError("wrong-type", "TypeError", text, SAVE)
    for entry in value:
        if not isinstance(entry, str):
            text = f"endswith first arg must be str or a tuple of str, not {type(entry).__name__}"
            raise RefusedError("wrong-type", "TypeError", text, SAVE)
    return list(value)


def compile_exclusion(value: Any) -> NameTest:
    """exclude_modules as a function of the name."""
    if isinstance(value, str):
        return regexes.compile_pattern(value, "exclude_modules", whole=True)
    endings = list_suffixes(value, "exclude_modules")
    return lambda name: name in value or name.endswith(endings)


def list_suffixes(value: Any, field: str) -> tuple[str, ...]:
    """The entries of a list as the ends of names. Raises RefusedError for what is no list."""
    if value is None or isinstance(value, str):
        return ()
    try:
        return tuple(f".{entry}" for entry in value)
    except TypeError as error:
        raise RefusedError("wrong-type", "TypeError", str(error), field) from None


def find_layer_index(
    name: str, patterns: Value, config: EffectiveConfig | None = None
) -> int | None:
    r"""The layer a module belongs to: the first number that is a whole part of the name.

    Without `layers_pattern` the first with at least two parts before it
    (`.*?\.[^.]*\.(?P<idx>\d+)\.`), else the first after a part that a pattern matches. Older
    releases took the last such number.
    """
    place = find_layer_place(name, patterns, config)
    return None if place is None else int(name.split(".")[place])


def find_layer_place(
    name: str, patterns: Value, config: EffectiveConfig | None = None
) -> int | None:
    """Which dotted part of the name is its layer index; by the newest release without a config."""
    first = config is None or config.has(releases.FIRST_LAYER_NUMBER)
    if patterns is not None and not isinstance(patterns, (str, list, tuple, set, dict)):
        text = f"object of type '{type(patterns).__name__}' has no len()"
        raise RefusedError("wrong-type", "TypeError", text, "layers_pattern")
    if patterns is None or len(patterns) == 0:
        return _find_number(name.split("."), 2, None, first=first)
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        place = _find_place_after(name, str(pattern), config)
        if place is not None:
            return place
    return None


def _find_place_after(name: str, pattern: str, config: EffectiveConfig | None) -> int | None:
    first = config is None or config.has(releases.FIRST_LAYER_NUMBER)
    at_start = config is None or config.has(releases.LAYERS_PATTERN_AT_START)
    if regexes.is_plain(pattern):
        return _find_number(name.split("."), 1 if at_start else 2, pattern, first=first)
    lead = r"(?:^|.*?\.)" if at_start else r".*?\." if first else r".*\."
    group = regexes.find_group(rf"{lead}{pattern}\.(?P<idx>\d+)\.", "layers_pattern", name)
    return None if group is None else name[:group].count(".")


def _find_number(parts: list[str], start: int, before: str | None, *, first: bool) -> int | None:
    places = range(start, len(parts) - 1)
    for place in places if first else reversed(places):
        if parts[place].isdecimal() and before in (None, parts[place - 1]):
            return place
    return None


class Patterns:
    """rank_pattern or alpha_pattern: the first key that matches a name wins."""

    def __init__(self, patterns: Any, field: str, *, whole: bool = True) -> None:
        if not hasattr(patterns, "keys"):
            text = f"'{type(patterns).__name__}' object has no attribute 'keys'"
            raise RefusedError("wrong-type", "AttributeError", text, field)
        self.values: dict[str, Any] = patterns
        self.field = field
        self.whole = whole
        self._matches: dict[str, NameTest] = {}

    def compile_key(self, key: str) -> NameTest:
        """One key as a function of the name."""
        test = self._matches.get(key)
        if test is None:
            make = regexes.compile_last_part if self.whole else regexes.compile_after_dot
            test = self._matches[key] = make(str(key), self.field)
        return test

    def find_key(self, name: str) -> str | None:
        """The key that gives the module its value, None for the default."""
        first_match = self.find_first_match(name)
        if first_match is not None:
            return first_match
        return name if name in self.values else None

    def find_first_match(self, name: str) -> str | None:
        """The first key that matches the name."""
        return next((key for key in self.values if self.compile_key(key)(name)), None)

    def list_unmatched(self, names: list[str]) -> list[str]:
        """Keys that match none of the names, as PEFT's warning lists them."""
        return sorted(
            key for key in self.values if not any(self.compile_key(key)(name) for name in names)
        )
