"""Tokens to train (`trainable_token_indices`) that cannot work whatever the model is.

Source: PEFT 0.21.2 `tuners/tuners_utils.py`, `utils/other.py`; each was run.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .issue import Issue, format_value, join_names
from .target_names import Path, list_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value

    from .release_values import ReleaseValues


def find_token_issues(view: ReleaseValues) -> Iterator[Issue]:
    """Empty lists, doubled ids, and embeddings that are trained in another way too."""
    value = view.get("trainable_token_indices")
    if isinstance(value, list):
        yield from _find_token_list_issues(("trainable_token_indices",), value)
    if not isinstance(value, dict):
        return
    if not value:
        yield Issue(
            "ignored",
            "tokens-empty-mapping",
            ("trainable_token_indices",),
            "`trainable_token_indices` is an empty mapping: no token is trained, and PEFT says "
            "nothing",
            "remove it, or name an embedding and its token ids",
        )
    for key, ids in value.items():
        if isinstance(ids, list):
            yield from _find_token_list_issues(("trainable_token_indices", key), ids)
        yield from _find_token_conflicts(key, view)


def _find_token_list_issues(path: Path, ids: list[Value]) -> Iterator[Issue]:
    if not ids:
        yield Issue(
            "out-of-range",
            "tokens-empty",
            path,
            "`trainable_token_indices` lists no token; the first forward pass raises RuntimeError",
            "list the token ids, or remove it",
            None,
            "fails",
        )
    numbers = [i for i in ids if isinstance(i, int)]
    duplicates = (
        sorted({i for i in numbers if numbers.count(i) > 1})
        if len(set(numbers)) < len(numbers)
        else []
    )
    if duplicates:
        yield Issue(
            "ignored",
            "tokens-doubled",
            path,
            f"`trainable_token_indices` lists {join_names(duplicates)} more than once: the rows "
            "are trained apart and the last one wins; PEFT says nothing",
            "list each token once",
        )


def _find_token_conflicts(key: Value, view: ReleaseValues) -> Iterator[Issue]:
    saved, target = view.get("modules_to_save"), view.get("target_modules")
    selects_modules = view.is_on("exclude_modules") or view.is_given("layers_to_transform")
    selects_modules = selects_modules or view.has_unknown("exclude_modules", "layers_to_transform")
    for name, entries, does in (
        ("modules_to_save", list_entries(saved), "PEFT raises ValueError"),
        (
            "target_modules",
            [] if selects_modules else list_entries(target),
            "PEFT raises TypeError",
        ),
    ):
        if isinstance(key, str) and key in [entry for entry in entries if isinstance(entry, str)]:
            yield Issue(
                "conflict",
                f"tokens-and-{name.replace('_', '-')}",
                ("trainable_token_indices", key),
                f"{format_value(key)} stands in `{name}` and in `trainable_token_indices`; {does} "
                "when it wraps the embedding",
                "keep it in one of the two",
                None,
                "fails",
            )
