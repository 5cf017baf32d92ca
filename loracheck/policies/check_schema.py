"""What is wrong with a schema, beside what its meta-schema says: what would silently do nothing."""

from __future__ import annotations

from difflib import get_close_matches

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from loracheck.findings import LEVELS
from loracheck.named_tuple import NamedTuple
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching.guarded_regex import is_quick
from loracheck.plan.matching.regexes import compile_pattern
from loracheck.type_checking import TYPE_CHECKING

from .check_names import find_unknown_names
from .wording import describe_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from loracheck.documents.model import Path

DIALECT = "https://json-schema.org/draft/2020-12/schema"

ANNOTATIONS = frozenset(
    {
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
        *("format", "contentEncoding", "contentMediaType", "contentSchema", "definitions"),
        *("then", "else", "minContains", "maxContains"),
    }
)
"""Words of the draft that are no validators of their own."""

OLD = {
    "dependencies": "dependentRequired or dependentSchemas",
    "additionalItems": "items beside prefixItems",
    "divisibleBy": "multipleOf",
    "extends": "allOf",
    "disallow": "not",
}
"""Keywords of older drafts that this one passes over -> what takes their place."""

SCHEMAS = frozenset(
    {
        *("not", "if", "then", "else", "items", "contains", "propertyNames", "contentSchema"),
        *("additionalProperties", "unevaluatedItems", "unevaluatedProperties"),
    }
)
"""Keywords whose value is a schema."""
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
"""Keywords whose value is a list of schemas."""
MAPPINGS = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
)
"""Keywords whose value maps names to schemas."""

KNOWN = ANNOTATIONS | SCHEMAS | LISTS | MAPPINGS | frozenset(Draft202012Validator.VALIDATORS)
MAX_WORD = 64
"""Characters of a word for which one that was meant is looked for."""


class Fault(NamedTuple):
    """What is wrong with one place of a schema."""

    path: Path
    reason: str
    is_key: bool = False


def find_problems(schema: dict[str, Any], places: Mapping[int, Path]) -> Iterator[Fault]:
    """The faults of a schema: first those against the draft, and where there is none, what could
    never do what it is meant to. `places` has the path of each mapping.
    """
    dialect = schema.get("$schema", DIALECT)
    if not isinstance(dialect, str) or dialect.rstrip("#") != DIALECT:
        reason = f"only JSON Schema 2020-12 is read: write {DIALECT}, or leave `$schema` out"
        yield Fault((0, "$schema"), reason)
        return
    wrong = list(_find_faults_of_form(schema, (0,)))
    yield from wrong
    if wrong:
        return
    resource = DRAFT202012.create_resource(schema)
    walk = _Walk(places)
    yield from walk.walk(schema, Registry().resolver_with_root(resource))
    yield from walk.find_slow_patterns()
    for unknown in find_unknown_names(schema):
        yield Fault(unknown.path, unknown.reason, is_key=True)


def _find_faults_of_form(schema: Any, path: Path) -> Iterator[Fault]:
    """What the draft's own schema says; keys that are no text come first."""
    for where in _find_non_string_keys(schema, path):
        yield Fault(where, "a key of a schema is a text", is_key=True)
        return
    validator = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for error in validator.iter_errors(schema):
        where = (*path, *error.absolute_path)
        name = next((step for step in reversed(where) if isinstance(step, str)), "a schema")
        value = describe_value(error.instance)
        expected = error.validator_value
        if error.validator == "type":
            kinds = [expected] if isinstance(expected, str) else expected
            reason = f"`{name}` is {value}, and must be of type {' or '.join(kinds)}"
        elif error.validator == "anyOf" and name == "type":
            reason = f"`type` is {value}, which is no type of JSON Schema"
        else:
            reason = f"`{name}` is {value}, which JSON Schema does not allow: {error.message:.120}"
        yield Fault(where, reason)


def _find_non_string_keys(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                yield (*path, key)
            yield from _find_non_string_keys(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find_non_string_keys(item, (*path, index))


class _Walk:
    """Goes through a schema and all that its references lead to, each part once."""

    def __init__(self, places: Mapping[int, Path]) -> None:
        self._places = places
        self._seen: set[int] = set()
        self._patterns: list[tuple[str, Path]] = []
        self._asks_what_is_left = False

    def walk(self, schema: Any, resolver: Any) -> Iterator[Fault]:
        """The faults of a schema and of those in it."""
        if not isinstance(schema, dict) or id(schema) in self._seen:
            return
        self._seen.add(id(schema))
        path = self._places.get(id(schema), (0,))
        resolver = resolver.in_subresource(DRAFT202012.create_resource(schema))
        for name, value in schema.items():
            where = (*path, name)
            yield from _find_keyword_faults(name, value, where)
            if name in ("$ref", "$dynamicRef"):
                yield from self._follow(name, value, where, resolver)
            for inner in _iterate_subschemas(name, value):
                yield from self.walk(inner, resolver)
        self._asks_what_is_left |= "unevaluatedProperties" in schema
        for pattern in schema.get("patternProperties", ()):
            where = (*path, "patternProperties", pattern)
            yield from _find_regex_faults(pattern, where, is_key=True)
            self._patterns.append((pattern, where))

    def find_slow_patterns(self) -> Iterator[Fault]:
        """The patterns of keys that could take long, where there is `unevaluatedProperties`: for
        that jsonschema matches them by itself, without any bound.
        """
        for pattern, where in self._patterns if self._asks_what_is_left else ():
            if not is_quick(pattern):
                reason = f"{describe_value(pattern)} may take too long beside unevaluatedProperties"
                yield Fault(where, reason, is_key=True)

    def _follow(self, name: str, reference: str, where: Path, resolver: Any) -> Iterator[Fault]:
        try:
            resolved = resolver.lookup(reference)
        except Unresolvable:
            reason = f"`{name}` leads nowhere in this file: {describe_value(reference)}"
            if not reference.startswith("#"):
                reason += " (no other file is opened, and nothing is fetched)"
            yield Fault(where, reason)
            return
        if not isinstance(resolved.contents, (dict, bool)):
            yield Fault(where, f"`{name}` leads to what is no schema: {describe_value(reference)}")
        elif id(resolved.contents) not in self._seen:
            # What stands under a keyword of nobody's was not looked at with the rest.
            target = self._places.get(id(resolved.contents), (0,))
            wrong = list(_find_faults_of_form(resolved.contents, target))
            yield from wrong or self.walk(resolved.contents, resolved.resolver)


def _iterate_subschemas(name: str, value: Any) -> Iterator[Any]:
    """The schemas that are the value of a keyword."""
    if name in SCHEMAS:
        yield value
    elif name in LISTS:
        yield from value
    elif name in MAPPINGS:
        yield from value.values()


def _find_keyword_faults(name: str, value: Any, where: Path) -> Iterator[Fault]:
    if name == "x-severity":
        if not isinstance(value, str) or value not in LEVELS:
            yield Fault(where, f"`x-severity` is one of {', '.join(LEVELS)}")
    elif name == "pattern":
        yield from _find_regex_faults(value, where)
    elif name in OLD:
        reason = f"`{name}` is a word of older drafts that does nothing here: write {OLD[name]}"
        yield Fault(where, reason, is_key=True)
    elif name not in KNOWN and not name.startswith(("x-", "$")) and len(name) <= MAX_WORD:
        suggestions = get_close_matches(name, KNOWN, 1, 0.8)
        if suggestions:
            reason = f"`{name}` is no keyword of JSON Schema; did you mean `{suggestions[0]}`?"
            yield Fault(where, reason, is_key=True)


def _find_regex_faults(pattern: str, where: Path, *, is_key: bool = False) -> Iterator[Fault]:
    try:
        compile_pattern(pattern, "")
    except RefusedError as error:
        reason = f"{describe_value(pattern)} is no regular expression of Python: {error}"
        yield Fault(where, reason, is_key)
