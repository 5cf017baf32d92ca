"""`python -m dev.recipes SDIST --out FOLDER`: the recipes of a release for conda and for Homebrew.

Both are made from recipes/ and pyproject.toml, so that dependencies, version and licence stand in
one place: `recipe.yaml` in the recipe format 1 (conda-forge, rattler-build) and `loracheck.rb`, a
formula for a tap. The source distribution is taken from the release page of the repository.
"""

from __future__ import annotations

import argparse
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import tomli
from packaging.requirements import Requirement

from loracheck.addresses import REPOSITORY

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "recipes"
NAMES = {"recipe.yaml": "recipe.yaml.in", "loracheck.rb": "loracheck.rb.in"}
CONDA_NAMES = {"PyYAML": "pyyaml"}
"""Packages that have another name there than at the index of Python packages."""


def make_recipes(sdist: bytes, repository: str = REPOSITORY) -> dict[str, str]:
    """File name -> text, for a source distribution and the repository that releases it. ValueError
    for a repository that is not said.
    """
    if not repository:
        raise ValueError("loracheck/addresses.py does not say where the project is published")
    table = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = table["project"]
    version = project["version"]
    values = {
        "version": version,
        "summary": project["description"].rstrip("."),
        "license": project["license"],
        "python": project["requires-python"],
        "build": _to_conda(table["build-system"]["requires"][0]),
        "repository": repository,
        "address": f"{repository}/releases/download/v{version}/loracheck-{version}.tar.gz",
        "sha256": sha256(sdist).hexdigest(),
        "run": "\n".join(f"    - {line}" for line in _list_packages(project)),
    }
    texts = {name: (TEMPLATES / file).read_text("utf-8") for name, file in NAMES.items()}
    return {
        name: re.sub(r"@([a-z0-9]+)@", lambda match: values[match[1]], text)
        for name, text in texts.items()
    }


def _list_packages(project: dict[str, Any]) -> list[str]:
    """What an installation needs. One package serves all Pythons, so that what old ones need is
    there for all.
    """
    return [f"python {project['requires-python']}", *map(_to_conda, project["dependencies"])]


def _to_conda(text: str) -> str:
    """A requirement as conda writes it."""
    one = Requirement(text)
    return f"{CONDA_NAMES.get(one.name, one.name)} {one.specifier}"


def main() -> None:
    """Write the recipes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sdist", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in make_recipes(options.sdist.read_bytes()).items():
        (options.out / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
