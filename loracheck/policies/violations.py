"""What a policy does not allow of a setting."""

from __future__ import annotations

from itertools import islice

from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

from .model import Policy, UndecidedError, Violation
from .truth import Maybe, get_schema_chain, judge, steps
from .wording import describe

if TYPE_CHECKING:
    from typing import Any

    from jsonschema.exceptions import ValidationError

    from loracheck.documents.values import Value
    from loracheck.findings import Severity

MAX_VIOLATIONS = 100
"""Violations of one policy by one setting."""
MAX_REASON = 400
"""Characters of a policy's description that are shown."""
OF_KIND = frozenset({"type", "const", "enum", "required"})
"""Keywords by which the branches of a choice are told apart."""


def find_violations(policy: Policy, setting: Value) -> list[Violation]:
    """Everything that is certainly against the policy in a setting's normal form.

    Raises UndecidedError where the policy comes to no end with it.
    """
    steps.renew()
    try:
        errors = policy.validator.iter_errors(setting)
        violations = (
            _build_violation(policy, error) for error in errors if not isinstance(error, Maybe)
        )
        return list(islice(violations, MAX_VIOLATIONS))
    except RecursionError:
        raise UndecidedError("its references lead in a circle") from None
    except RefusedError as error:
        raise UndecidedError(str(error)) from None


def _build_violation(policy: Policy, error: ValidationError) -> Violation:
    chain = get_schema_chain(error)
    error, path = _narrow(policy, error, tuple(error.path))
    message, help_ = describe(error, path)
    schemas = [schema for schema, _ in (*get_schema_chain(error), *chain)]
    reason = _find_nearest_value(schemas, "description")
    if isinstance(reason, str) and (words := " ".join(reason.split())):
        message += f": {words[:MAX_REASON]}"
    severity: Severity | None = _find_nearest_value(schemas, "x-severity")
    is_key = bool(vars(error).keys() & {"forbids_key", "names_key"})
    schema, keyword = (*get_schema_chain(error), *chain)[0]
    if keyword == "properties" and is_key:
        schema, keyword = schema[keyword], str(path[-1])
    place = policy.span(schema, keyword)
    return Violation(path, message, help_, severity, is_key, policy, place)


def _find_nearest_value(schemas: list[Any], keyword: str) -> Any:
    """A keyword's value in the innermost schema that has it."""
    return next((schema[keyword] for schema in schemas if keyword in schema), None)


def _narrow(
    policy: Policy, error: ValidationError, path: tuple[str | int, ...]
) -> tuple[ValidationError, tuple[str | int, ...]]:
    """The error at the very value: that of the one branch of a choice which was meant, and the item
    of a list that should not be in it.
    """
    if error.validator in ("anyOf", "oneOf"):
        branch = _find_branch(error)
        if branch is not None:
            return _narrow(policy, branch, (*path, *branch.relative_path))
    if error.validator == "not" and isinstance(error.instance, list):
        inner = error.validator_value
        if isinstance(inner, dict) and inner.keys() <= {"contains", "type"}:
            for index, item in enumerate(error.instance):
                if judge(policy.validator.descend(item, inner["contains"])) == "met":
                    return _build_item_error(error, index), (*path, index)
    return error, path


def _build_item_error(error: ValidationError, index: int) -> ValidationError:
    items: list[Any] = error.instance  # type: ignore[assignment]  # which `_narrow` has asked
    item_error = type(error)(error.message, validator="not", instance=items[index])
    get_schema_chain(item_error).extend(get_schema_chain(error))
    return item_error


def _find_branch(error: ValidationError) -> ValidationError | None:
    """The first error of the only branch that is of the value's kind; None where there are more, or
    none.
    """
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    likely = [
        errors
        for errors in branches.values()
        if not any(e.validator in OF_KIND and not e.relative_path for e in errors)
    ]
    return likely[0][0] if len(likely) == 1 else None
