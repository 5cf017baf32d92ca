"""Hatchling's hook for `[project.urls]` and the README: the links of the package, from
loracheck/addresses.py.

Only the text of that file is read: a build has none of the package's dependencies at hand.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

SOURCE = Path("loracheck") / "addresses.py"
_HOST = "https://github.com/"
_LINK = re.compile(r"(!?\[[^\]\n]*\])\((?!https?:|#|mailto:)([^)\s]+)\)")


def read_repository(source: str) -> str:
    """The constant REPOSITORY in a text of Python; empty while nothing is published."""
    (repository,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REPOSITORY"
    )
    return str(repository)


def make_links(repository: str) -> dict[str, str]:
    """Label -> address; empty while nothing is published."""
    if not repository:
        return {}
    owner, _, name = repository.removeprefix(_HOST).partition("/")
    return {
        "Documentation": f"https://{owner.lower()}.github.io/{name}/latest/",
        "Repository": repository,
        "Issues": f"{repository}/issues",
        "Changelog": f"{repository}/blob/main/CHANGELOG.md",
    }


def make_links_absolute(text: str, repository: str, version: str) -> str:
    """A page of Markdown whose links to files of the repository lead to those of the version's tag:
    a package index shows the page without the repository around it.
    """
    if not repository:
        return text

    def replace(match: re.Match[str]) -> str:
        form = "raw" if match[1].startswith("!") else "blob"
        return f"{match[1]}({repository}/{form}/v{version}/{match[2]})"

    return _LINK.sub(replace, text)


class LinksHook(MetadataHookInterface):
    """Found by hatchling through `[tool.hatch.metadata.hooks.custom]`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill `urls` and `readme`, which pyproject.toml lists as dynamic."""
        root = Path(self.root)
        repository = read_repository((root / SOURCE).read_text("utf-8"))
        metadata["urls"] = make_links(repository)
        page = (root / "README.md").read_text("utf-8")
        text = make_links_absolute(page, repository, metadata["version"])
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
