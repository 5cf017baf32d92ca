"""The logic of three values, held against jsonschema: a verdict holds whatever the unknown is."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from loracheck.documents.model import Unknown
from loracheck.policies.model import Between, OpenDict
from loracheck.policies.truth import Truth, judge, steps
from loracheck.policies.validator import VALIDATOR
from tests.examples import examples

NAMES = st.sampled_from(["r", "q_proj", "lm_head", "m"])
SCALARS = (
    st.none() | st.booleans() | st.integers(-2, 4) | st.sampled_from([0.5, 2.0, 1e300, 0.3]) | NAMES
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)
HOLES = st.builds(Unknown)
RANGES = st.tuples(st.integers(-2, 4), st.integers(0, 3)).map(lambda p: Between(p[0], sum(p)))
PARTLY = st.recursive(
    SCALARS | HOLES | RANGES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=3)
        | st.dictionaries(NAMES, inner, max_size=2).map(OpenDict)
    ),
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def combine(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas made of others."""
    some = st.lists(inner, min_size=1, max_size=2)
    by_name = st.dictionaries(NAMES, inner, max_size=2)
    one = st.one_of(
        *(
            st.fixed_dictionaries({name: some})
            for name in ("allOf", "anyOf", "oneOf", "prefixItems")
        ),
        *(
            st.fixed_dictionaries({name: inner})
            for name in ("not", "items", "additionalProperties", "propertyNames")
        ),
        st.fixed_dictionaries({"properties": by_name}, optional={"additionalProperties": inner}),
        st.fixed_dictionaries({"dependentSchemas": by_name}),
        st.fixed_dictionaries({"patternProperties": st.dictionaries(PATTERNS, inner, max_size=2)}),
        st.fixed_dictionaries({"if": inner}, optional={"then": inner, "else": inner}),
        st.fixed_dictionaries(
            {"contains": inner},
            optional={"minContains": st.integers(0, 3), "maxContains": st.integers(0, 3)},
        ),
        st.fixed_dictionaries(
            {"properties": by_name, "unevaluatedProperties": inner}, optional={"anyOf": some}
        ),
        st.fixed_dictionaries({"prefixItems": some, "unevaluatedItems": inner}),
    )
    return st.lists(one, min_size=1, max_size=2).map(lambda parts: {**parts[0], **parts[-1]})


PATTERNS = st.sampled_from(["^r$", "_", "proj|head", "m", "^(?:q|l)"])
SMALL = st.integers(0, 3)
LEAVES = st.one_of(
    st.booleans(),
    st.just({}),
    st.fixed_dictionaries({"type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True)}),
    st.fixed_dictionaries({"const": VALUES}),
    st.fixed_dictionaries({"enum": st.lists(VALUES, min_size=1, max_size=3)}),
    *(
        st.fixed_dictionaries({name: st.integers(-2, 4)})
        for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    ),
    *(
        st.fixed_dictionaries({name: SMALL})
        for name in (
            *("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"),
        )
    ),
    st.fixed_dictionaries({"multipleOf": st.sampled_from([1, 2, 0.5])}),
    st.fixed_dictionaries({"uniqueItems": st.booleans()}),
    st.fixed_dictionaries({"pattern": PATTERNS}),
    st.fixed_dictionaries({"required": st.lists(NAMES, max_size=2, unique=True)}),
    st.fixed_dictionaries(
        {"dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2), max_size=2)}
    ),
)
SCHEMAS = st.recursive(LEAVES, combine, max_leaves=6)


def verdict(schema: Any, value: Any) -> Truth:
    steps.renew()
    return judge(VALIDATOR(schema, registry=Registry()).iter_errors(value))


@given(schema=SCHEMAS, value=VALUES)
@examples(200)
def test_a_known_value_is_judged_as_by_jsonschema(schema: Any, value: Any) -> None:
    assert (verdict(schema, value) == "met") == Draft202012Validator(schema).is_valid(value)
    assert verdict(schema, value) != "unknown"


def completed(data: st.DataObject, value: Any) -> Any:
    """The value with something in the place of whatever is unknown."""
    if isinstance(value, Unknown):
        return data.draw(VALUES, "unknown")
    if isinstance(value, Between):
        return data.draw(st.integers(int(value.low), int(value.high)), "between")
    if isinstance(value, list):
        return [completed(data, item) for item in value]
    if isinstance(value, dict):
        more = (
            data.draw(st.dictionaries(NAMES, VALUES, max_size=2)) if type(value) is OpenDict else {}
        )
        return {**more, **{key: completed(data, item) for key, item in value.items()}}
    return value


@given(schema=SCHEMAS, value=PARTLY, data=st.data())
@examples(300)
def test_a_verdict_holds_whatever_the_unknown_turns_out_to_be(
    schema: Any, value: Any, data: st.DataObject
) -> None:
    found = verdict(schema, value)
    if found == "unknown":
        return
    for _ in range(4):
        whole = completed(data, value)
        assert Draft202012Validator(schema).is_valid(whole) == (found == "met"), whole
