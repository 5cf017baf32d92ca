"""Which tool a file belongs to, by the tools' signatures: short conditions that are data, so that
no tool's module is imported to find the one that is needed.

A signature is terms with blanks between them, all of which must hold:

- `lora_query`: the key stands there. `a.b` is the key b in the block at a; `*` stands for letters
  of a key (`*.network_dim`: in any block); `[]` for an entry of a list.
- `adapter=*`: its value is a string that the pattern matches. `peft={}` and `process=[]`: it is a
  mapping, a list.
- `~use_peft`: the mapping has not the key but one that is it with a slip of the pen.
- `!model`: the term does not hold. `a|b`: one of them holds.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .switches import find_misspelt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Table, Value


def fits(signature: str, top: Table) -> bool:
    """Whether the mapping at the top of a file has all that the signature names."""
    return all(_is_term_true(term, top) for term in signature.split())


def _is_term_true(term: str, top: Table) -> bool:
    if term[0] == "!":
        return not _is_term_true(term[1:], top)
    return any(_holds(one, top) for one in term.split("|"))


def _holds(term: str, top: Table) -> bool:
    path, equals, pattern = term.partition("=")
    return any(not equals or _is(value, pattern) for value in _find_values(top, path.split(".")))


def _is(value: Value, pattern: str) -> bool:
    if pattern == "{}":
        return isinstance(value, dict)
    if pattern == "[]":
        return isinstance(value, list)
    return isinstance(value, str) and _matches(value, pattern)


def _matches(text: str, pattern: str) -> bool:
    """`fnmatch.fnmatchcase`, which has no need of an expression where only the end is open."""
    begin = pattern.removesuffix("*")
    if begin.isidentifier() or not begin:
        return text.startswith(begin) if begin != pattern else text == pattern
    from fnmatch import fnmatchcase

    return fnmatchcase(text, pattern)


def _find_values(value: Value, steps: list[str]) -> Iterator[Value]:
    """The values at a path."""
    if not steps:
        yield value
        return
    for inner in _follow_step(value, steps[0]):
        yield from _find_values(inner, steps[1:])


def _follow_step(value: Value, step: str) -> Iterator[Value]:
    if step == "[]":
        yield from value if isinstance(value, list) else ()
    elif not isinstance(value, dict):
        return
    elif step[0] == "~":
        slip = find_misspelt(value, step[1:])
        if slip is not None:
            yield value[slip]
    elif "*" in step:
        yield from (item for key, item in value.items() if _matches(str(key), step))
    elif step in value:
        yield value[step]
