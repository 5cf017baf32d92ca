"""The address of the project's repository, from which all other addresses follow.

A publisher sets `REPOSITORY` and nothing else; the package's links (`pyproject.toml`, by
`dev/package_links.py`), the site, and the addresses in reports follow from it.
"""

from __future__ import annotations

from loracheck.version import __version__

REPOSITORY = ""
"""https://github.com/OWNER/NAME, without a slash at its end. Empty as long as nothing is published:
then nothing names an address.
"""

_HOST = "https://github.com/"


def build_docs_url(page: str = "", *, version: str | None = None) -> str | None:
    """The address of a page of the site ("rules/LC201"), of its first page without one. None while
    nothing is published.

    The site is the repository's GitHub Pages, with a folder for each minor version: a report links
    to what its own version says of a rule, unless another `version` is asked for.
    """
    if not REPOSITORY:
        return None
    owner, _, name = REPOSITORY.removeprefix(_HOST).partition("/")
    folder = version if version is not None else ".".join(__version__.split(".")[:2])
    return "/".join(
        ["https:/", f"{owner.lower()}.github.io", name, *_split_segments(folder, page), ""]
    )


def build_rule_url(code: str) -> str | None:
    """The address of a rule's page; None while nothing is published."""
    return build_docs_url(f"rules/{code}")


def _split_segments(*texts: str) -> list[str]:
    return [part for text in texts for part in text.split("/") if part]
