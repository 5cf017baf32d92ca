"""The extension for VS Code: its own tests, run by node with the real client and the real server,
and what its package.json says of settings and schemas.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

from dev import schemastore
from loracheck import __version__
from loracheck.lsp.workspace import LISTS, NAMES, WHOLE
from tests import node

HERE = Path(__file__).parent
SOURCE = schemastore.EXTENSION.parent
OWN = {"command", "interpreter"}
"""Settings of the extension itself; all others go to the server."""


def read_package(folder: Path) -> Any:
    return json.loads((folder / "package.json").read_text("utf-8"))


def test_the_schemas_are_registered_as_the_generator_says() -> None:
    text = schemastore.EXTENSION.read_text("utf-8")
    assert text == schemastore.update_extension(text)
    places = read_package(SOURCE)["contributes"]
    assert {"adapter_config.json"} in [set(one["fileMatch"]) for one in places["jsonValidation"]]
    assert any("*.axolotl.yaml" in one["fileMatch"] for one in places["yamlValidation"])


def test_its_settings_are_those_of_the_server() -> None:
    package = read_package(SOURCE)
    names = {
        name.partition(".")[2] for name in package["contributes"]["configuration"]["properties"]
    }
    server = {name.replace("_", "-") for name in (*NAMES, *LISTS, WHOLE)}
    assert names == server | OWN
    assert package["version"] == __version__


def test_the_tests_run_what_is_packaged() -> None:
    here, there = read_package(HERE)["dependencies"], read_package(SOURCE)
    for name, version in there["dependencies"].items():
        assert here[name] == version
    assert there["devDependencies"]["esbuild"] == here["esbuild"]


@pytest.mark.skipif(os.name == "nt", reason="its tests make programs of shell scripts")
def test_the_extension_s_own_tests(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    modules = node.install(HERE, request)
    subprocess.run(
        ["node", str(SOURCE / "build.mjs"), str(modules), str(tmp_path / "dist")], check=True
    )
    tests = sorted((tmp_path / "dist" / "test").glob("*.test.js"))
    assert len(tests) == 3
    done = subprocess.run(
        ["node", "--test", *map(str, tests)],
        env={**os.environ, "LORACHECK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert (tmp_path / "dist" / "schemas" / "peft-adapter-config.json").is_file()
