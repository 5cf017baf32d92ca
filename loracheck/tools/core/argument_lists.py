"""Refusals of lists whose entries are `key=value`, of which the value is read as Python
(`ast.literal_eval`): sd-scripts' `optimizer_args`, and those of the tools that have its trainer.
"""

from __future__ import annotations

from .refusal import Refusal, entry_matches, is_given

_READ = "Python reads the value of each entry"


def build_refusals(keys: tuple[str, ...], source: str) -> tuple[Refusal, ...]:
    """What stops a run among the entries of these lists; `source` says where they are read."""
    return tuple(refusal for key in keys for refusal in _build(key, source))


def _build(key: str, source: str) -> tuple[Refusal, ...]:
    module = is_given("network_module")
    return (
        Refusal(
            (entry_matches(key, r"^\s*[A-Za-z_]\w*\s*=[-+.\deE\s]*\d[-+.\deE\s]*,\s*$"), module),
            "'>' not supported between instances of 'tuple' and 'int'",
            f"take the comma out: {_READ}, and `0.01,` is a tuple",
            source,
        ),
        Refusal(
            (
                entry_matches(
                    key, r"^\s*\w+\s*=\s*(?!(?:True|False|None)\s*,?\s*$)[A-Za-z_]\w*\s*,?\s*$"
                ),
                module,
            ),
            "malformed node or string",
            f"write True, False or None, or quotes inside the entry: {_READ}",
            source,
        ),
        Refusal(
            (entry_matches(key, r"^(?!\.+$)[^=]+$"), module),
            "not enough values to unpack (expected 2, got 1)",
            "write each entry as key=value, without blanks around `=`",
            source,
        ),
        Refusal(
            (entry_matches(key, r"^\s*\w+=[^=]*[\s,]\w+=[^=]*"), module),
            "too many values to unpack (expected 2)",
            "make an entry of each key=value",
            source,
        ),
    )
