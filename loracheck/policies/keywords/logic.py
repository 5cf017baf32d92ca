"""Keywords that combine schemas: `not`, `anyOf`, `oneOf`, `if`, `contains`. Semantics as in JSON
Schema 2020-12 (Core, 10.2 and 10.3.1.3). Each function is a keyword: the validator, the keyword's
value, the instance, the schema.
"""

from __future__ import annotations

from jsonschema.exceptions import ValidationError

from loracheck.type_checking import TYPE_CHECKING

from ..truth import Maybe, judge

if TYPE_CHECKING:
    from typing import Any

    from ..truth import Errors


def refuse_met(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
    truth = judge(validator.descend(instance, inner))
    if truth == "met":
        yield ValidationError("is what it should not be")
    elif truth == "unknown":
        yield Maybe()


def require_any(validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
    context, unknown = [], False
    for index, branch in enumerate(branches):
        errors = list(validator.descend(instance, branch, schema_path=index))
        truth = judge(errors)
        if truth == "met":
            return
        unknown = unknown or truth == "unknown"
        context += [error for error in errors if not isinstance(error, Maybe)]
    yield Maybe() if unknown else ValidationError("is none of what it may be", context=context)


def require_one(validator: Any, branches: Any, instance: Any, schema: Any) -> Errors:
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


def check_branches(validator: Any, condition: Any, instance: Any, schema: Any) -> Errors:
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


def count_met(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
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
