"""`loracheck/releases/least_peft.json`: the PEFT that a transformers release asks for.

    python -m dev.release.least_peft RELEASE=FOLDER ...

FOLDER holds the release's `transformers/integrations/peft.py`; the whole file is made of those that
are given. `make release-transformers` adds one release to it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.engine_facts.transformers import read_least_peft
from loracheck.releases.least_peft import FILE
from loracheck.releases.release_table import parse_version_number


def add(version: str, python: Path) -> None:
    """Put in the release that an interpreter has. CalledProcessError where it has none."""
    look = "import importlib.util as u; print(u.find_spec('transformers').origin)"
    done = subprocess.run([str(python), "-c", look], capture_output=True, text=True, check=True)
    rows = dict(json.loads(Path(FILE).read_text("utf-8")))
    later = [one for one in rows if parse_version_number(one) > parse_version_number(version)]
    before = [
        least
        for one, least in rows.items()
        if parse_version_number(one) <= parse_version_number(version)
    ]
    least = read_least_peft(Path(done.stdout.strip()).parents[1])
    if least is None or (before and before[-1] == least):
        return
    kept = {one: rows[one] for one in rows if one not in later}
    write({**kept, version: least, **{one: rows[one] for one in later}})


def write(rows: dict[str, str]) -> None:
    """The file with a row for each release that asks for another PEFT than the one before it."""
    kept: list[tuple[str, str]] = []
    for release in sorted(rows, key=parse_version_number):
        if not kept or kept[-1][1] != rows[release]:
            kept.append((release, rows[release]))
    lines = ",\n".join(f" {json.dumps(row)}" for row in kept)
    Path(FILE).write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> None:
    """Make the file of the sources that are given."""
    given = dict(word.split("=", 1) for word in sys.argv[1:])
    found = {release: read_least_peft(Path(folder)) for release, folder in given.items()}
    write({release: least for release, least in found.items() if least is not None})


if __name__ == "__main__":
    main()
