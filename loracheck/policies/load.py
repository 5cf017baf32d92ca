"""From a policy's file to a `Policy`; what is wrong with the file is reported with its place."""

from __future__ import annotations

from referencing import Registry

from loracheck.documents import read
from loracheck.documents.model import DocumentError, Span, Unknown
from loracheck.type_checking import TYPE_CHECKING

from .check_schema import find_problems
from .model import Policy, PolicyError
from .validator import VALIDATOR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value

SUFFIXES = (".json", ".yaml", ".yml", ".toml")
"""Formats that a policy may be written in."""

MAX_MAPPINGS = 3_000
"""Mappings that a policy may hold: ten times as many as all fields and methods would take."""

MAX_PROBLEMS = 20
"""Problems that are told of one file."""


def load_policy(path: str) -> Policy:
    """The policy in a file. Raises PolicyError, with each fault and its place, for a file that
    cannot be read and for what is no schema that can be followed.
    """
    document = _read(path)
    problems = [
        _format_reason_at(path, problem.span, problem.message)
        for problem in document.problems
        if problem.kind == "duplicate-key"
    ]
    schema = _restore_written_text(document.roots[0] if document.roots else None)
    if len(document.roots) != 1 or not isinstance(schema, dict):
        raise PolicyError(
            [_format_reason_at(path, Span(1, 1, 1, 1), "a policy is one JSON Schema, a mapping")]
        )
    places = dict(_iterate_mapping_paths(schema, (0,)))
    if len(places) > MAX_MAPPINGS:
        raise PolicyError([f"{path}: a policy may hold {MAX_MAPPINGS:,} mappings, not more"])
    validator = VALIDATOR(schema, registry=Registry())
    for fault in find_problems(schema, places):
        problems.append(
            _format_reason_at(path, document.span(fault.path, key=fault.is_key), fault.reason)
        )
        if len(problems) == MAX_PROBLEMS:
            problems.append(f"{path}: more may be wrong")
            break
    if problems:
        raise PolicyError(problems)
    return Policy(path, schema, document, places, validator)


def _read(path: str) -> Document:
    """The file as a document. Raises PolicyError."""
    if not path.lower().endswith(SUFFIXES):
        raise PolicyError([f"{path}: a policy is a file of {', '.join(SUFFIXES)}"])
    try:
        return read(path)
    except DocumentError as error:
        raise PolicyError([_format_reason_at(path, error.span, error.reason)]) from error
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise PolicyError([f"{path}: {reason}"]) from error


def _format_reason_at(path: str, span: Span, reason: str) -> str:
    return f"{path}:{span.line}:{span.column}: {reason}"


def _restore_written_text(value: Value) -> Value:
    """The value with the text of every string that looks as if it were filled in at run time
    (`"pattern": "^${"`): a schema is read by nobody who would fill it in.
    """
    if isinstance(value, Unknown):
        return value.text
    if isinstance(value, dict):
        return {key: _restore_written_text(item) for key, item in value.items()}
    return [_restore_written_text(item) for item in value] if isinstance(value, list) else value


def _iterate_mapping_paths(value: Value, path: Path) -> Iterator[tuple[int, Path]]:
    """The `id` and the path of each mapping in a value."""
    if isinstance(value, dict):
        yield id(value), path
        for key, item in value.items():
            yield from _iterate_mapping_paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _iterate_mapping_paths(item, (*path, index))
