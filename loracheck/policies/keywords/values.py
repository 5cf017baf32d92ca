"""Keywords that compare a value: `enum`, `const`, `uniqueItems`, `pattern`, `multipleOf`. Semantics
as in JSON Schema 2020-12 (Validation, 6). Each function is a keyword: the validator, the keyword's
value, the instance, the schema.
"""

from __future__ import annotations

from fractions import Fraction

from jsonschema.exceptions import ValidationError

from loracheck.type_checking import TYPE_CHECKING

from ..equality import are_equal, freeze
from ..model import holds_unknown
from ..search import compile_search
from ..truth import Maybe

if TYPE_CHECKING:
    from typing import Any

    from ..truth import Errors


def require_listed(validator: Any, values: Any, instance: Any, schema: Any) -> Errors:
    answers = [are_equal(instance, value) for value in values]
    if True not in answers:
        yield Maybe() if None in answers else ValidationError("is none of the values")


def require_equal(validator: Any, value: Any, instance: Any, schema: Any) -> Errors:
    yield from require_listed(validator, [value], instance, schema)


def require_unique(validator: Any, is_required: Any, instance: Any, schema: Any) -> Errors:
    if not is_required or not isinstance(instance, list):
        return
    frozen = [freeze(item) for item in instance if not holds_unknown(item)]
    if len(set(frozen)) < len(frozen):
        yield ValidationError("holds equal items")
    elif len(frozen) < len(instance) > 1:
        yield Maybe()


def require_pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Errors:
    if isinstance(instance, str) and not compile_search(pattern)(instance):
        yield ValidationError("does not match")


def require_multiple(validator: Any, step: Any, instance: Any, schema: Any) -> Errors:
    if not isinstance(instance, (int, float)) or isinstance(instance, bool):
        return
    # By the digits as they were written: 0.3 is a multiple of 0.1.
    if (Fraction(str(instance)) / Fraction(str(step))).denominator != 1:
        yield ValidationError("is no multiple")
