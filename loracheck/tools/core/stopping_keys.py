"""Keys at which a tool's parser stops, in a file or command of the tool's that sets no LoRA up:
those that no release has, and those of other releases than the pinned one. LC701 tells the same of
settings.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .parser_keys import MAX_UNKNOWN, find_close_key, load_key_releases, load_parser_keys
from .refusal import Refusal, is_given
from .refusal_conflicts import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table


class KeyParser(NamedTuple):
    """A tool's parser of keys."""

    table: str
    """The tool's name, as its table of keys has it."""

    distribution: str
    """The package whose pins tell the release."""

    says: str
    """What it says of keys that it does not know."""

    source: str
    """Where in the tool that was read."""


def find_stopping_keys(
    mapping: Table, root: Path, parser: KeyParser, document: Document
) -> Iterator[Conflict]:
    """What the parser stops at in the keys at the top of a file, or a command's options."""
    shell = document.format == "shell"
    yield from _find_unknown_keys(mapping, root, parser, shell)
    releases = load_key_releases(parser.table)
    for key in (str(key) for key in mapping if key in releases):
        since, gone = releases[key]
        if since and _is_pinned(parser, document, f"<{since}"):
            what, told = f"take it out, or pin {parser.distribution}>={since}", f"came with {since}"
        elif gone and _is_pinned(parser, document, f">={gone}"):
            what, told = "take it out", f"is gone since {gone}"
        else:
            continue
        text = f"--{key}" if shell else key
        refusal = Refusal(
            (is_given(key),), parser.says, f"{what}: it {told}", parser.source, note=None
        )
        yield Conflict(refusal, (((*root, key), text),), ())


def _find_unknown_keys(
    mapping: Table, root: Path, parser: KeyParser, shell: bool
) -> Iterator[Conflict]:
    """The keys that no release has had, unless they are so many that the program is a fork; the
    beginning of an option stands for it. And options with a sign glued to their name
    (`--infer_backend: vllm`), which the shell's words leave with the option before.
    """
    known = load_parser_keys(parser.table)
    unknown: list[tuple[Path, str]] = [
        ((*root, key), str(key))
        for key in mapping
        if not (_begins(str(key), known) if shell else key in known)
    ]
    for key, value in mapping.items() if shell else ():
        words = enumerate(value) if isinstance(value, list) else ()
        unknown += [
            ((*root, key, at), word.removeprefix("--"))
            for at, word in words
            if isinstance(word, str) and word.startswith("--") and word.strip("-:,;") in known
        ]
    for path, name in unknown if len(unknown) <= MAX_UNKNOWN else ():
        yield _build_conflict(path, name, parser, shell)


def _build_conflict(path: Path, name: str, parser: KeyParser, shell: bool) -> Conflict:
    dashes = "--" if shell else ""
    bare = name.strip(":,;")
    close = bare if bare in load_parser_keys(parser.table) else find_close_key(bare, parser.table)
    refusal = Refusal(
        (is_given(name),),
        parser.says,
        f"write {dashes}{close}" if close else "take it out",
        parser.source,
        note=None if close else "a fork may have it",
    )
    return Conflict(refusal, ((path, f"{dashes}{name}"),), ())


def _begins(key: str, known: frozenset[str]) -> bool:
    """Whether a key stands for one of the parser's: transformers' parser has `--no_name` for every
    switch that is on by default.
    """
    return any(name.startswith(key.removeprefix("no_")) for name in known)


def _is_pinned(parser: KeyParser, document: Document, releases: str) -> bool:
    """Whether the project's pins allow only releases of that range."""
    from loracheck.releases.pin_checks import is_pinned_below, is_pinned_within

    if releases.startswith("<"):
        return is_pinned_below(parser.distribution, document, releases[1:])
    return is_pinned_within(parser.distribution, document, releases)
