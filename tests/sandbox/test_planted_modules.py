"""No documented command runs a file of the folder it is called in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from loracheck.options import hooks

from .planted import console_script, plant

ROOT = Path(__file__).parents[2]
STEPS: dict[str, Any] = {
    step["name"]: step
    for step in yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"]
}
SECRET = "canary-hunter2"
pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="needs bash"),
    pytest.mark.skipif(not console_script().exists(), reason="loracheck is not installed"),
]


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """The file that every trap writes to; it stands outside of the repository."""
    return tmp_path / "canary.txt"


@pytest.fixture
def repository(tmp_path: Path, canary: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    plant(folder, canary)
    return folder


def run(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A script of bash in the repository, with secrets around, as in a CI job."""
    env = {
        "PATH": f"{console_script().parent}:/usr/bin:/bin",
        "HOME": str(folder.parent / "home"),
        "LORACHECK_CACHE": str(folder.parent / "cache"),
        "HF_TOKEN": SECRET,
        "GITHUB_TOKEN": SECRET,
        **more,
    }
    command = ["bash", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False
    )


def documented() -> list[str]:
    """Every command line that the pages show, once. An interpreter that somebody names on their
    command line is their own to run.
    """
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    found = re.findall(r"^(?:\$ |  )?(loracheck [a-z].*)$", text, re.MULTILINE)
    found += re.findall(r"(?:run: |- |&& )(loracheck .*)$", text, re.MULTILINE)
    commands = (re.split(r"  +|  #", line)[0].strip().rstrip("`") for line in found)
    words = ("check", "explain", "init", "tree", "lock", "rules", "schema")
    return sorted(
        {c.replace(".venv/bin/python", sys.executable) for c in commands if c.split()[1] in words}
    )


def test_the_pages_show_commands() -> None:
    assert len(documented()) > 30


def test_no_documented_command_runs_a_planted_file(repository: Path, canary: Path) -> None:
    own = ["loracheck --version -v", "loracheck --help", "python -m loracheck check -j 2 ."]
    python = f"{console_script().parent}/python"
    for command in [*documented(), *own, "loracheck tree ./small", "loracheck check lora.yaml"]:
        done = run(command.replace("python -m", f"{python} -m"), repository)
        assert not canary.exists(), f"{command}: {canary.read_text()[:300]}"
        assert "Traceback" not in done.stderr, f"{command}: {done.stderr}"
        assert SECRET not in done.stdout + done.stderr, command


@pytest.mark.skipif(find_spec("transformers") is None, reason="transformers is not installed")
def test_the_builder_does_its_work_there(repository: Path, canary: Path) -> None:
    done = run("loracheck tree ./small --format json", repository)
    assert "built from config.json of ./small" in done.stdout, done.stderr
    assert "GPT2LMHeadModel" in done.stdout
    done = run("loracheck check --isolated --format json adapter_config.json", repository)
    assert '"LC003"' in done.stdout
    assert "./evil" in done.stdout
    assert not canary.exists()


@pytest.mark.parametrize("path", [".", "", ":", "{repository}"])
def test_a_path_that_names_the_folder_is_not_taken_over(
    path: str, repository: Path, canary: Path
) -> None:
    """PYTHONPATH is the user's; what Python runs of it before loracheck is (`sitecustomize`, and
    modules that shadow its own library), and nothing else.
    """
    for name in (
        "sitecustomize",
        "usercustomize",
        "json",
        "ast",
        "pickle",
        "subprocess",
        "tempfile",
        "multiprocessing",
        "tomllib",
        "colorsys",
    ):
        for found in repository.glob(f"{name}*"):
            if found.is_dir():
                for each in found.iterdir():
                    each.unlink()
                found.rmdir()
            else:
                found.unlink()
    path = path.format(repository=repository)
    run("loracheck tree ./small", repository, PYTHONPATH=path)  # its child starts there too
    assert not canary.exists(), canary.read_text()[:300]


def test_the_steps_of_the_action(repository: Path, canary: Path, tmp_path: Path) -> None:
    project = tmp_path / "action"
    (project / "loracheck").mkdir(parents=True)
    (project / "loracheck" / "__init__.py").write_text("")
    (project / "pyproject.toml").write_text(_PROJECT)
    (project / "backend.py").write_text(_BACKEND)
    runner = tmp_path / "runner"
    runner.mkdir()
    known = {
        "RUNNER_TEMP": str(runner),
        "GITHUB_ACTION_PATH": str(project),
        "GITHUB_OUTPUT": str(runner / "output"),
        "EXTRA": "",
        "PIP_NO_INDEX": "1",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
    }
    # In the repository, which is stricter than the folder that the step names.
    done = run(STEPS["Install loracheck"]["run"], repository, **known)
    assert done.returncode == 0, done.stderr
    assert not canary.exists(), canary.read_text()[:300]
    assert STEPS["Install loracheck"]["working-directory"] == "${{ runner.temp }}"
    for name in ("Check",):
        more = {"PYTHON": sys.executable, "PATHS": ". adapter_config.json", "ARGUMENTS": ""}
        done = run(STEPS[name]["run"], repository, **{**known, **more})
        assert done.returncode in (0, 1), done.stderr
        assert not canary.exists(), canary.read_text()[:300]


_PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "loracheck"
version = "0"
"""
_BACKEND = '''
"""The least that pip installs from, without network."""
import zipfile


def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "loracheck-0-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        wheel.write("loracheck/__init__.py")
        info = "loracheck-0.dist-info"
        metadata = "Metadata-Version: 2.1\\nName: loracheck\\nVersion: 0\\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''


def test_the_hooks_entry(repository: Path, canary: Path) -> None:
    entries = {hook["entry"] for hook in yaml.safe_load(hooks.render())}
    for entry in entries:
        done = run(f"{entry} adapter_config.json lora.yaml train.py", repository)
        assert done.returncode in (0, 1, 3), done.stderr
        assert not canary.exists(), canary.read_text()[:300]


@pytest.mark.skipif(find_spec("textual") is None, reason="textual is not installed")
def test_the_explorer(repository: Path, canary: Path) -> None:
    """In a terminal of its own, until it has drawn."""
    pty = pytest.importorskip("pty")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(repository)
        os.environ.update(TERM="xterm-256color", COLUMNS="120", LINES="40")
        os.execv(console_script(), ["loracheck", "explain", "-i", "configs/adapter_config.json"])
    drawn, until = b"", time.monotonic() + 600
    while b"q_proj" not in drawn and time.monotonic() < until:
        try:
            drawn += os.read(terminal, 65536)
        except OSError:
            break
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    os.close(terminal)
    assert b"q_proj" in drawn
    assert not canary.exists(), canary.read_text()[:300]


def test_a_python_is_not_named_by_settings(repository: Path, canary: Path) -> None:
    (repository / "loracheck.toml").write_text('python = "./python"\n')
    done = run("loracheck check adapter_config.json", repository)
    assert done.returncode == 2
    assert "python" in done.stderr
    assert not canary.exists()


def test_a_python_is_not_found_in_the_folder_by_its_bare_name(
    repository: Path, canary: Path
) -> None:
    path = f".:{console_script().parent}:/usr/bin:/bin"
    run("loracheck tree --python python ./small", repository, PATH=path)
    assert not canary.exists()
