"""An environment for one release, with the judges beside it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from bench.oracle.environments import TORCH, environments_folder

if TYPE_CHECKING:
    from pathlib import Path


def interpreter(packages: dict[str, str]) -> Path:
    """The Python of an environment with torch and the releases of the packages; made with pip where
    it is not there. Raises CalledProcessError where pip fails.
    """
    name = "-".join(f"{package}{version}" for package, version in sorted(packages.items()))
    home = environments_folder() / name
    found = home / "bin" / "python"
    if found.exists():
        return found
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    wanted = [f"{package}=={version}" for package, version in {**packages, "torch": TORCH}.items()]
    try:
        subprocess.run([str(found), "-m", "pip", "install", "-q", *wanted], check=True)
    except subprocess.CalledProcessError:
        found.unlink()  # half an environment is none
        raise
    return found
