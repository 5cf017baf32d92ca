"""Releases of transformers that are older than all bundled ones. Many classes had the same layers
already, so that the tree of the oldest bundled release holds for them.

`data/older.json` says which; `python -m bench.bundle.older` writes it, from what they build.
"""

from __future__ import annotations

import json
import os
from functools import cache

from loracheck.named_tuple import NamedTuple
from loracheck.releases.release_table import parse_version_number
from loracheck.trees.model_ids import DamagedTableError

PATH = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "older.json")


class OlderReleases(NamedTuple):
    """What is known of the old releases."""

    release: str
    """The oldest bundled release."""

    since: dict[str, str]
    """Class of transformers -> the oldest release which was tried that builds it with the layers of
    the oldest bundled one, as all releases between them do that were tried.
    """

    def builds_alike(self, version: str, cls: str | None) -> bool:
        """Whether a release builds a class with the layers of the oldest bundled one. Of a release
        ("4.45.1") the last patch stands for all.
        """
        since = self.since.get(cls or "")
        return since is not None and _get_line(since) <= _get_line(version) < _get_line(
            self.release
        )


@cache
def load_older_releases(path: str = PATH) -> OlderReleases:
    """The table, read once. Raises DamagedTableError."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        return OlderReleases(str(data["as"]), dict(data["since"]))
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedTableError(path, "older releases") from error


def _get_line(version: str) -> tuple[int, ...]:
    return parse_version_number(version)[:2]
