"""Keywords of mappings, of which some keys may not be known (`OpenDict`). Semantics as in JSON
Schema 2020-12 (Core, 10.3.2; Validation, 6.5). Each function is a keyword: the validator, the
keyword's value, the instance, the schema.
"""

from __future__ import annotations

from jsonschema.exceptions import ValidationError

from loracheck.type_checking import TYPE_CHECKING

from ..model import OpenDict
from ..search import compile_search
from ..truth import Maybe

if TYPE_CHECKING:
    from typing import Any

    from ..truth import Errors


def _descend_to(validator: Any, name: str, inner: Any, instance: Any, step: str | None) -> Errors:
    """The errors of one key's value; of the key itself where it may not be there."""
    if inner is not False:
        yield from validator.descend(instance[name], inner, path=name, schema_path=step)
        return
    error = ValidationError("may not be there", path=(name,), instance=instance[name])
    vars(error)["forbids_key"] = True
    yield error


def check_properties(validator: Any, properties: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name, inner in properties.items():
        if name in instance:
            yield from _descend_to(validator, name, inner, instance, name)
        elif isinstance(instance, OpenDict) and inner not in (True, {}):
            yield Maybe()


def check_pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for pattern, inner in patterns.items():
        matches = compile_search(pattern)
        for name in filter(matches, instance):
            yield from _descend_to(validator, name, inner, instance, pattern)
    if isinstance(instance, OpenDict):
        yield Maybe()


def check_additional_properties(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    tests = [compile_search(pattern) for pattern in schema.get("patternProperties", ())]
    properties = schema.get("properties", {})
    for name in instance:
        if name in properties or any(matches(name) for matches in tests):
            continue
        yield from _descend_to(validator, name, inner, instance, None)
    if isinstance(instance, OpenDict) and inner not in (True, {}):
        yield Maybe()


def check_property_names(validator: Any, inner: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name in instance:
        for error in validator.descend(name, inner):
            error.path.appendleft(name)
            vars(error)["names_key"] = True
            yield error
    if isinstance(instance, OpenDict):
        yield Maybe()


def require_keys(validator: Any, names: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name in names:
        if name in instance:
            continue
        if isinstance(instance, OpenDict):
            yield Maybe()
        else:
            yield ValidationError("is not set", validator="required", validator_value=name)


def require_least(validator: Any, least: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, dict) and len(instance) < least:
        yield Maybe() if isinstance(instance, OpenDict) else ValidationError("has too few keys")


def require_most(validator: Any, most: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    if len(instance) > most:
        yield ValidationError("has too many keys")
    elif isinstance(instance, OpenDict):
        yield Maybe()


def require_dependent_keys(validator: Any, needs: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name, others in needs.items():
        if name in instance:
            yield from require_keys(validator, others, instance, schema)
        elif isinstance(instance, OpenDict) and any(other not in instance for other in others):
            yield Maybe()


def check_dependent_schemas(validator: Any, schemas: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, dict):
        return
    for name, inner in schemas.items():
        if name in instance:
            yield from validator.descend(instance, inner, schema_path=name)
        elif isinstance(instance, OpenDict):
            yield Maybe()
