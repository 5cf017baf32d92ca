"""The keywords of JSON Schema for values of which parts are unknown.

Each keyword gives errors, as jsonschema's own do. What would be an error if an unknown value were
so, or were not so, is a `Maybe`: a schema with an error is violated, one with nothing but Maybes is
neither violated nor met (Kleene's third value), and so are `not`, `anyOf`, `oneOf`, `if` and
`contains` worked out. Semantics as in JSON Schema 2020-12 (Core and Validation); keywords of which
no part depends on the unknown are jsonschema's.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from loracheck.documents.model import Unknown
from loracheck.plan.matching.regexes import compile_pattern

from .equality import are_equal, freeze
from .model import Between, OpenDict, UndecidedError, holds_unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Errors = Iterator[ValidationError]
    Keyword = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]

Truth = Literal["met", "unknown", "violated"]

MAX_STEPS = 200_000
"""Keywords that are tried on one setting. A policy of a hundred rules tries some hundreds; one
whose parts refer to each other twice over and over would try billions.
"""


class Maybe(ValidationError):  # noqa: N818 - it is none
    """What is an error only if an unknown value makes it one."""

    def __init__(self) -> None:
        super().__init__("depends on a value that is not known")


class Steps:
    """Counts the keywords that are tried."""

    def __init__(self) -> None:
        self.left = MAX_STEPS

    def renew(self) -> None:
        """Begin a setting."""
        self.left = MAX_STEPS

    def spend(self) -> None:
        """Count one. Raises UndecidedError when all are spent."""
        self.left -= 1
        if self.left < 0:
            raise UndecidedError("it was stopped after too many steps")


steps = Steps()
"""Those of this process."""


def chain_of(error: ValidationError) -> list[tuple[Any, str]]:
    """The schemas that an error came through, innermost first, each with its keyword."""
    found: list[tuple[Any, str]] = vars(error).setdefault("chain", [])
    return found


def judge(errors: Iterable[ValidationError]) -> Truth:
    """What the errors of a schema say of it."""
    unknown = False
    for error in errors:
        if not isinstance(error, Maybe):
            return "violated"
        unknown = True
    return "unknown" if unknown else "met"


def compile_search(pattern: str) -> Callable[[str], bool]:
    """`re.search(pattern, text) is not None`, in bounded time. Raises RefusedError, as the function
    does where what a file may take is spent.
    """
    if pattern.startswith("^") and "|" not in pattern:
        return compile_pattern(pattern, "")
    flags = ""
    while pattern.startswith("(?") and (end := pattern.find(")")) > 0:
        if not pattern[2:end].isalpha():  # a group, and no flags for the whole pattern
            break
        flags, pattern = flags + pattern[: end + 1], pattern[end + 1 :]
    return compile_pattern(rf"{flags}[\s\S]*?(?:{pattern})", "")


# Each of the following is a keyword: the validator, the keyword's value, the instance, the schema.


def _not(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
    truth = judge(validator.descend(instance, inner))
    if truth == "met":
        yield ValidationError("is what it should not be")
    elif truth == "unknown":
        yield Maybe()


def _any_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
    context, unknown = [], False
    for index, branch in enumerate(branches):
        errors = list(validator.descend(instance, branch, schema_path=index))
        truth = judge(errors)
        if truth == "met":
            return
        unknown = unknown or truth == "unknown"
        context += [error for error in errors if not isinstance(error, Maybe)]
    yield Maybe() if unknown else ValidationError("is none of what it may be", context=context)


def _one_of(validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
    context, met, unknown = [], 0, 0
    for index, branch in enumerate(branches):
        errors = list(validator.descend(instance, branch, schema_path=index))
        truth = judge(errors)
        met += truth == "met"
        unknown += truth == "unknown"
        context += [error for error in errors if not isinstance(error, Maybe)]
    if met > 1:
        yield ValidationError("is more than one of what it may be")
    elif unknown:
        yield Maybe()
    elif not met:
        yield ValidationError("is none of what it may be", context=context)


def _if(validator: Any, condition: Any, instance: Any, schema: Any) -> Errors:
    truth = judge(validator.descend(instance, condition))
    branches = [
        list(validator.descend(instance, schema[key], schema_path=key)) if key in schema else []
        for key, other in (("then", "violated"), ("else", "met"))
        if truth != other
    ]
    if truth != "unknown":
        yield from branches[0]
        return
    truths = {judge(errors) for errors in branches}
    if truths == {"violated"}:
        yield from branches[0]
    elif truths != {"met"}:
        yield Maybe()


def _contains(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, list):
        return
    truths = [judge(validator.descend(item, inner)) for item in instance]
    surely, perhaps = truths.count("met"), truths.count("met") + truths.count("unknown")
    least, most = schema.get("minContains", 1), schema.get("maxContains", len(instance))
    if surely > most:
        yield ValidationError("holds too many", validator="maxContains", validator_value=most)
    elif perhaps < least:
        yield ValidationError("holds too few")
    elif perhaps > most or surely < least:
        yield Maybe()


def _enum(validator: Any, values: Any, instance: Any, schema: Any) -> Errors:
    answers = [are_equal(instance, value) for value in values]
    if True not in answers:
        yield Maybe() if None in answers else ValidationError("is none of the values")


def _const(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
    yield from _enum(validator, [value], instance, schema)


def _unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Errors:
    if not wanted or not isinstance(instance, list):
        return
    known = [freeze(item) for item in instance if not holds_unknown(item)]
    if len(set(known)) < len(known):
        yield ValidationError("holds equal items")
    elif len(known) < len(instance) > 1:
        yield Maybe()


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str) and not compile_search(pattern)(instance):
        yield ValidationError("does not match")


def _descend_to(validator: Any, name: str, inner: Any, instance: Any, step: str | None) -> Errors:
    """The errors of one key's value; of the key itself where it may not be there."""
    if inner is not False:
        yield from validator.descend(instance[name], inner, path=name, schema_path=step)
        return
    error = ValidationError("may not be there", path=(name,), instance=instance[name])
    vars(error)["forbids_key"] = True
    yield error


def _properties(validator: Any, properties: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name, inner in properties.items():
        if name in instance:
            yield from _descend_to(validator, name, inner, instance, name)
        elif isinstance(instance, OpenDict) and inner not in (True, {}):
            yield Maybe()


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for pattern, inner in patterns.items():
        matches = compile_search(pattern)
        for name in filter(matches, instance):
            yield from _descend_to(validator, name, inner, instance, pattern)
    if isinstance(instance, OpenDict):
        yield Maybe()


def _additional_properties(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    tests = [compile_search(pattern) for pattern in schema.get("patternProperties", ())]
    named = schema.get("properties", {})
    for name in instance:
        if name in named or any(matches(name) for matches in tests):
            continue
        yield from _descend_to(validator, name, inner, instance, None)
    if isinstance(instance, OpenDict) and inner not in (True, {}):
        yield Maybe()


def _property_names(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name in instance:
        for error in validator.descend(name, inner):
            error.path.appendleft(name)
            vars(error)["names_key"] = True
            yield error
    if isinstance(instance, OpenDict):
        yield Maybe()


def _required(validator: Any, names: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name in names:
        if name in instance:
            continue
        if isinstance(instance, OpenDict):
            yield Maybe()
        else:
            yield ValidationError("is not set", validator="required", validator_value=name)


def _min_properties(validator: Any, least: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict) and len(instance) < least:
        yield Maybe() if isinstance(instance, OpenDict) else ValidationError("has too few keys")


def _max_properties(validator: Any, most: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    if len(instance) > most:
        yield ValidationError("has too many keys")
    elif isinstance(instance, OpenDict):
        yield Maybe()


def _dependent_required(validator: Any, needs: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name, others in needs.items():
        if name in instance:
            yield from _required(validator, others, instance, schema)
        elif isinstance(instance, OpenDict) and any(other not in instance for other in others):
            yield Maybe()


def _dependent_schemas(validator: Any, schemas: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name, inner in schemas.items():
        if name in instance:
            yield from validator.descend(instance, inner, schema_path=name)
        elif isinstance(instance, OpenDict):
            yield Maybe()


def _unless_unknown(keyword: Keyword) -> Keyword:
    """A keyword of jsonschema's that looks into what other keywords found, for known values."""

    def run(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
        if isinstance(instance, (dict, list)) and holds_unknown(instance):
            yield Maybe()
        else:
            yield from keyword(validator, value, instance, schema) or ()

    return run


def _multiple_of(validator: Any, step: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, (int, float)) or isinstance(instance, bool):
        return
    # By the digits as they were written: 0.3 is a multiple of 0.1.
    if (Fraction(str(instance)) / Fraction(str(step))).denominator != 1:
        yield ValidationError("is no multiple")


JSONSCHEMA = Draft202012Validator.VALIDATORS

OWN: dict[str, Keyword] = {
    "additionalProperties": _additional_properties,
    "anyOf": _any_of,
    "const": _const,
    "contains": _contains,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
    "enum": _enum,
    "if": _if,
    "maxProperties": _max_properties,
    "minProperties": _min_properties,
    "multipleOf": _multiple_of,
    "not": _not,
    "oneOf": _one_of,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "properties": _properties,
    "propertyNames": _property_names,
    "required": _required,
    "unevaluatedItems": _unless_unknown(JSONSCHEMA["unevaluatedItems"]),
    "unevaluatedProperties": _unless_unknown(JSONSCHEMA["unevaluatedProperties"]),
    "uniqueItems": _unique_items,
}

OF_ANY_VALUE = frozenset({"$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if"})
"""Keywords that ask something of an unknown value only as far as the schemas in them do."""

OF_EQUALITY = frozenset({"const", "enum"})

BOUNDS: dict[str, Callable[[float, float], bool]] = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "exclusiveMaximum": lambda value, bound: value < bound,
}


def _of_bounds(name: str, value: Any, instance: Between) -> Errors:
    """What a keyword says of a number of which the bounds are known."""
    if name in BOUNDS:
        met = {BOUNDS[name](end, value) for end in (instance.low, instance.high)}
        if met != {True}:
            yield Maybe() if True in met else ValidationError("is out of bounds")
    elif name == "type":
        types = {value} if isinstance(value, str) else {*value}
        if not types & {"number", "integer"}:
            yield ValidationError("is of another type")
    elif name == "multipleOf":
        yield Maybe()


def _track_unknown(name: str, keyword: Keyword) -> Keyword:
    """The keyword with the third value for unknown instances; its errors know where they came
    through.
    """

    def run(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
        steps.spend()
        errors: Iterable[ValidationError] | None
        if isinstance(instance, Between) and name not in OF_ANY_VALUE | OF_EQUALITY:
            errors = _of_bounds(name, value, instance)
        elif isinstance(instance, Unknown) and name not in OF_ANY_VALUE | OF_EQUALITY:
            errors = (Maybe(),)
        else:
            errors = keyword(validator, value, instance, schema)
        for error in errors or ():
            chain_of(error).append((schema, name))
            yield error

    return run


VALIDATOR: Any = extend(  # type: ignore[no-untyped-call]  # types-jsonschema has no types here
    Draft202012Validator,
    {
        name: _track_unknown(name, keyword)
        for name, keyword in {**JSONSCHEMA, **OWN}.items()
        if name != "format"  # an annotation, as the draft has it
    },
)
"""jsonschema's validator with these keywords. It knows of no resource but the schema itself."""
