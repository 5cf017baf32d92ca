"""One environment for each PEFT release: which packages go together, and where their Python is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

TORCH = "2.13.0"
VARIABLE = "LORACHECK_ENVIRONMENTS"


class ReleasePair(NamedTuple):
    """The PEFT release and the transformers release that goes with it."""

    peft: str
    transformers: str


RELEASES: dict[str, ReleasePair] = {
    "0.10": ReleasePair("0.10.0", "4.46.3"),
    "0.11": ReleasePair("0.11.1", "4.46.3"),
    "0.12": ReleasePair("0.12.0", "4.46.3"),
    "0.13": ReleasePair("0.13.2", "4.46.3"),
    "0.14": ReleasePair("0.14.0", "4.46.3"),
    "0.15": ReleasePair("0.15.2", "4.51.3"),
    "0.16": ReleasePair("0.16.0", "4.51.3"),
    "0.17": ReleasePair("0.17.1", "4.57.6"),
    "0.18": ReleasePair("0.18.1", "4.57.6"),
    "0.19": ReleasePair("0.19.1", "5.23.0"),
    "0.20": ReleasePair("0.20.0", "5.23.0"),
    "0.21": ReleasePair("0.21.2", "5.23.0"),
}
"""The last patch of each minor release."""

EARLIER: dict[str, ReleasePair] = {
    release: ReleasePair(patch, "4.46.3")
    for release, patch in (
        ("0.5", "0.5.0"),
        ("0.6", "0.6.2"),
        ("0.7", "0.7.1"),
        ("0.8", "0.8.2"),
        ("0.9", "0.9.0"),
    )
}
"""Releases of which only the fields are judged."""


def environments_folder(given: str | None = None) -> Path:
    """Where the environments are kept: as given, as the variable says, or in the user's cache."""
    chosen = given or os.environ.get(VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "loracheck" / "environments"


def find_python(release: str, given: str | None = None) -> Path:
    """The Python of the release's environment, which is made with pip if it is not there.

    KeyError for a release that is not followed; CalledProcessError where pip fails.
    """
    built = RELEASES[release] if release in RELEASES else EARLIER[release]
    home = environments_folder(given) / f"p{built.peft}"
    found = home / "bin" / "python"
    if not found.exists():
        create_environment(home, built)
    return found


def create_environment(home: Path, built: ReleasePair) -> None:
    """A new environment with torch, the PEFT release and its transformers."""
    sys.stderr.write(f"making {home}\n")
    packages = [f"torch=={TORCH}", f"peft=={built.peft}", f"transformers=={built.transformers}"]
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", *packages]
    try:
        subprocess.run(pip, check=True)
    except subprocess.CalledProcessError:
        (home / "bin" / "python").unlink()  # half an environment is none
        raise
