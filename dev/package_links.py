"""Hatchling's hook for `[project.urls]`: the links of the package, from loracheck/addresses.py.

Only the text of that file is read: a build has none of the package's dependencies at hand.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

SOURCE = Path("loracheck") / "addresses.py"


def make_links(source: str) -> dict[str, str]:
    """Label -> address, by the constant REPOSITORY in a text of Python; empty while it is."""
    tree = ast.parse(source)
    (repository,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "REPOSITORY"
    )
    if not repository:
        return {}
    return {
        "Repository": repository,
        "Issues": f"{repository}/issues",
        "Changelog": f"{repository}/blob/main/CHANGELOG.md",
    }


class LinksHook(MetadataHookInterface):
    """Found by hatchling through `[tool.hatch.metadata.hooks.custom]`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill `urls`, which pyproject.toml lists as dynamic."""
        metadata["urls"] = make_links((Path(self.root) / SOURCE).read_text("utf-8"))
