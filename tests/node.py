"""Packages of npm for tests: installed once by a lock file, into a folder of the tests' own.

Without node, npm or a network the tests that need them are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0", "--prefer-offline")
SECONDS = 50


def install(source: Path, request: pytest.FixtureRequest) -> Path:
    """The folder with `node_modules` of a package-lock.json's folder; skips where it cannot be had.
    It is kept in pytest's cache, or in the folder that LORACHECK_NODE names, as long as the lock
    file stays the same.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("no node and npm")
    if _failures:
        pytest.skip(_failures[0])
    parent = _find_parent(request) / source.name
    parent.mkdir(parents=True, exist_ok=True)
    lock = (source / "package-lock.json").read_bytes()
    for folder in parent.iterdir():
        if folder.suffix != ".part" and (folder / "package-lock.json").read_bytes() == lock:
            return folder
    fresh = Path(tempfile.mkdtemp(dir=parent, suffix=".part"))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, fresh)
    _run_npm(fresh)
    ready = fresh.with_suffix("")
    fresh.rename(ready)
    return ready


def _find_parent(request: pytest.FixtureRequest) -> Path:
    if "LORACHECK_NODE" in os.environ:
        return Path(os.environ["LORACHECK_NODE"])
    cache = getattr(request.config, "cache", None)  # none with `-p no:cacheprovider`
    if cache is not None:
        return Path(cache.mkdir("node"))
    temporary: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return temporary.mktemp("node")


_failures: list[str] = []
"""Why packages could not be had: without a network the tests wait for it once."""


def _run_npm(folder: Path) -> None:
    command = [shutil.which("npm") or "npm", "ci", *OPTIONS]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        _failures.append(f"npm ci: {done.stderr[:200] if done else 'no answer'}")
        pytest.skip(_failures[0])


def run_script(script: Path, modules: Path, given: Any, *more: str) -> Any:
    """What a script of node prints as JSON, with the folder of `node_modules` as its first argument
    and `given` as JSON on its standard input. Fails with what the script says where it fails.
    """
    done = subprocess.run(
        ["node", str(script), str(modules), *more],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
