"""Web addresses for what a rule's page cites: issue threads, papers, files of a tagged release.

The pages name them in words ("huggingface/peft issues 1511 and 276", "PEFT 0.21.2
`tuners/lora/layer.py`"), so that a page stays readable in a terminal.
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = {
    "PEFT": "https://github.com/huggingface/peft/blob/v{}/src/peft/{}",
    "torch": "https://github.com/pytorch/pytorch/blob/v{}/torch/{}",
    "transformers": "https://github.com/huggingface/transformers/blob/v{}/src/transformers/{}",
}
"""Project -> address of a file by release and path; the projects tag releases as `v1.2.3`."""

_THREADS = compile_when_used(
    r"(?P<repo>[A-Za-z0-9-]+/[\w.-]+)\s(?P<kind>issue|pull\srequest)s?\s(?P<first>\d+)"
    r"(?P<more>(?:(?:,\s|\sand\s)\d+)*)"
)
_BARE = compile_when_used(r"(?<![(<\w])https?://[^\s)>`\"']*[\w/]")
_THREAD_ADDRESS = compile_when_used(
    r"https://github\.com/(?P<repo>[\w.-]+/[\w.-]+)/(?P<kind>issues|pull)/(?P<number>\d+)$"
)
_PAPER = compile_when_used(r"arXiv:(\d{4}\.\d{5})")
_CITED = compile_when_used(
    r"\b(?P<project>PEFT|torch|transformers)\s(?P<version>\d+\.\d+\.\d+)|`(?P<file>[\w/]+\.py)`"
    r"|(?P<end>;|\bmain\sof\b|\b[\w.-]+\sv?\d+\.\d+)"
)


class Link(NamedTuple):
    """A stretch of text and the address it stands for."""

    start: int
    end: int
    address: str


def find_links(text: str) -> list[Link]:
    """Every address that the text cites, in order."""
    return sorted(
        [*_find_threads(text), *_find_papers(text), *_find_files(text), *_find_addresses(text)]
    )


def _find_addresses(text: str) -> Iterator[Link]:
    for match in _BARE.finditer(text):
        yield Link(*match.span(), match[0])


def _find_threads(text: str) -> Iterator[Link]:
    for match in _THREADS.finditer(text):
        kind = "issues" if match["kind"] == "issue" else "pull"
        base = f"https://github.com/{match['repo']}/{kind}/"
        yield Link(match.start(), match.end("first"), base + match["first"])
        for number in re.finditer(r"\d+", match["more"]):
            start = match.start("more")
            yield Link(start + number.start(), start + number.end(), base + number[0])


def _find_papers(text: str) -> Iterator[Link]:
    for match in _PAPER.finditer(text):
        yield Link(*match.span(), f"https://arxiv.org/abs/{match[1]}")


def _find_files(text: str) -> Iterator[Link]:
    """Files of the release that is named before them, up to a semicolon or another project."""
    project = version = None
    for match in _CITED.finditer(text):
        if match["file"] is None:
            project, version = match["project"], match["version"]
        elif project is not None:
            yield Link(*match.span(), SOURCES[project].format(version, match["file"]))


def link_citations(text: str) -> str:
    """The text as Markdown, with every citation a link; fenced examples are left alone."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(part if part.startswith("```") else _link_in_prose(part) for part in parts)


def _link_in_prose(text: str) -> str:
    for link in reversed(find_links(text)):
        words = text[link.start : link.end]
        words = _THREAD_ADDRESS.sub(_format_thread_name, words)
        text = f"{text[: link.start]}[{words}]({link.address}){text[link.end :]}"
    return text


def _format_thread_name(address: re.Match[str]) -> str:
    """The address of a thread as people write it."""
    kind = "issue" if address["kind"] == "issues" else "pull request"
    return f"{address['repo']} {kind} {address['number']}"
