"""jsonschema's validator with a third value for what is unknown: keywords of which no part depends
on the unknown are jsonschema's.
"""

from __future__ import annotations

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .keywords import logic, objects, values
from .model import Between, holds_unknown
from .truth import Maybe, get_schema_chain, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .truth import Errors, Keyword


def _skip_unknown(keyword: Keyword) -> Keyword:
    """A keyword of jsonschema's that looks into what other keywords found, for known values."""

    def run(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
        if isinstance(instance, (dict, list)) and holds_unknown(instance):
            yield Maybe()
        else:
            yield from keyword(validator, value, instance, schema) or ()

    return run


JSONSCHEMA = Draft202012Validator.VALIDATORS

OWN: dict[str, Keyword] = {
    "additionalProperties": objects.check_additional_properties,
    "anyOf": logic.require_any,
    "const": values.require_equal,
    "contains": logic.count_met,
    "dependentRequired": objects.require_dependent_keys,
    "dependentSchemas": objects.check_dependent_schemas,
    "enum": values.require_listed,
    "if": logic.check_branches,
    "maxProperties": objects.require_most,
    "minProperties": objects.require_least,
    "multipleOf": values.require_multiple,
    "not": logic.refuse_met,
    "oneOf": logic.require_one,
    "pattern": values.require_pattern,
    "patternProperties": objects.check_pattern_properties,
    "properties": objects.check_properties,
    "propertyNames": objects.check_property_names,
    "required": objects.require_keys,
    "unevaluatedItems": _skip_unknown(JSONSCHEMA["unevaluatedItems"]),
    "unevaluatedProperties": _skip_unknown(JSONSCHEMA["unevaluatedProperties"]),
    "uniqueItems": values.require_unique,
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


def _check_number_bounds(name: str, value: Any, instance: Between) -> Errors:
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
            errors = _check_number_bounds(name, value, instance)
        elif isinstance(instance, Unknown) and name not in OF_ANY_VALUE | OF_EQUALITY:
            errors = (Maybe(),)
        else:
            errors = keyword(validator, value, instance, schema)
        for error in errors or ():
            get_schema_chain(error).append((schema, name))
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
