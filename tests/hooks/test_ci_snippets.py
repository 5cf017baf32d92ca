"""What docs/ci.md shows for other CI systems, the component for GitLab and the container: held
against the systems' schemas (as the package check-jsonschema has them), and their commands run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import tomli
import yaml
from click.testing import CliRunner
from jsonschema.validators import validator_for

from loracheck.cli import cli

ROOT = Path(__file__).parents[2]
PARTS = re.split(r"^## (.+)\n", (ROOT / "docs" / "ci.md").read_text("utf-8"), flags=re.MULTILINE)
SECTIONS = dict(zip(PARTS[1::2], PARTS[2::2], strict=True))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMPONENT = ROOT / "templates" / "loracheck.yml"
SCHEMAS = {"GitLab": "gitlab-ci", "Azure Pipelines": "azure-pipelines", "CircleCI": "circle-ci"}
BAD = '{"peft_type": "LORA", "r": 0, "target_modules": ["a"]}'


def blocks(title: str) -> list[tuple[str, str]]:
    return BLOCK.findall(SECTIONS[title])


def validate(value: Any, name: str) -> None:
    package = pytest.importorskip("check_jsonschema")
    folder = resources.files(package) / "builtin_schemas" / "vendor"
    schema = json.loads((folder / f"{name}.json").read_text("utf-8"))
    validator_for(schema)(schema).validate(value)


@pytest.mark.parametrize("title", SCHEMAS)
def test_a_snippet_is_as_its_system_wants_it(title: str) -> None:
    found = [text for kind, text in blocks(title) if kind == "yaml"]
    assert found
    for text in found:
        validate(yaml.safe_load(text), SCHEMAS[title])


def test_the_hook_s_and_the_actions_snippets_are_yaml() -> None:
    for title in ("pre-commit", "GitHub Actions"):
        assert [yaml.safe_load(text) for kind, text in blocks(title) if kind == "yaml"]


def test_the_commands_of_the_snippets_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `loracheck check` with its reports, in a repository with one wrong config."""
    monkeypatch.chdir(tmp_path)
    Path("configs").mkdir()
    Path("configs/adapter_config.json").write_text(BAD)
    Path("reports").mkdir()
    text = "\n".join(SECTIONS[title] for title in ("GitLab", *SCHEMAS, "Jenkins", "Any other"))
    found = set(re.findall(r"(?:^|[ /])loracheck (check configs [^'\n]+)", text, re.MULTILINE))
    assert len(found) >= 4
    for command in found:
        words = command.split()
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 1, done.output
        for word in words:
            kind, equals, file = word.partition("=")
            if equals:
                assert Path(file).stat().st_size, (kind, file)


def read_component() -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of the component, and its job with `$[[ inputs.X ]]` in it."""
    spec, jobs = yaml.safe_load_all(COMPONENT.read_text("utf-8"))
    return spec["spec"]["inputs"], jobs


def fill(value: Any, inputs: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {fill(key, inputs): fill(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, inputs) for item in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: inputs[found[1]], value)


def test_the_component_is_one_that_gitlab_takes() -> None:
    inputs, jobs = read_component()
    defaults = {name: one["default"] for name, one in inputs.items()}
    filled = fill(jobs, defaults)
    assert "$[[" not in json.dumps(filled)
    (job,) = filled.values()
    assert all("$[[" not in line for line in next(iter(jobs.values()))["script"]), "as variables"
    assert set(inputs) == set(re.findall(r"inputs\.([\w-]+)", COMPONENT.read_text("utf-8")))
    page = SECTIONS["GitLab"]
    assert all(f"`{name}`" in page or f"{name}:" in page for name in inputs)
    assert job["artifacts"]["reports"].keys() == {"codequality", "junit"}
    validate(filled, "gitlab-ci")


@pytest.mark.skipif(os.name == "nt", reason="needs sh")
def test_the_component_checks_what_it_is_given(tmp_path: Path) -> None:
    """Its script under sh, with the programs of a stand-in for the environment it installs."""
    inputs, jobs = read_component()
    given = {name: one["default"] for name, one in inputs.items()}
    given |= {"paths": "a b.json\n-x.json\n$(touch owned).json", "arguments": "--select LC1 *"}
    given |= {"version": "0.1.0", "extra": "policies"}
    (job,) = fill(jobs, given).values()
    bin_ = tmp_path / "loracheck-venv" / "bin"
    bin_.mkdir(parents=True)
    for name in ("python", "loracheck", "loracheck-venv/bin/pip", "loracheck-venv/bin/loracheck"):
        file = tmp_path / name
        file.write_text(f'#!/bin/sh\necho "{file.name}: $*" >> "$LOG"\n[ -t 0 ] || cat >> "$LOG"\n')
        file.chmod(0o755)
    environment = {
        **{name: one["value"] for name, one in job["variables"].items()},
        "CI_BUILDS_DIR": str(tmp_path),
        "LOG": str(tmp_path / "log"),
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run(
        ["sh", "-ec", "\n".join(job["script"])],
        cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    said = (tmp_path / "log").read_text().splitlines()
    assert said[0] == f"python: -I -m venv {tmp_path}/loracheck-venv"
    assert said[1] == "pip: install --quiet loracheck[policies]==0.1.0"
    assert said[2].startswith("loracheck: check --select LC1 * --files-from - --format gitlab=")
    assert said[3:] == given["paths"].splitlines()
    assert not (tmp_path / "owned").exists()


def test_the_container_is_given_what_the_package_is_built_from() -> None:
    kept = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    whole = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = whole["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    hook = whole["tool"]["hatch"]["metadata"]["hooks"]["custom"]["path"]
    licences = whole["project"]["license-files"]
    assert "readme" in whole["project"]["dynamic"]  # which the hook makes of README.md
    assert kept == {"pyproject.toml", "README.md", hook, *wheel, *licences}


def test_the_container_has_no_rights_and_writes_nothing() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    stage = lines[max(i for i, line in enumerate(lines) if line.startswith("FROM ")) :]
    (user,) = [line.split()[1] for line in stage if line.startswith("USER ")]
    assert user.isdecimal() and int(user) > 0, "a number is what Kubernetes' runAsNonRoot can check"
    assert 'ENTRYPOINT ["loracheck"]' in stage
    known = whole_extras()
    for extra in re.search(r"ARG EXTRA=(\S+)", "\n".join(lines))[1].split(","):  # type: ignore[index]
        assert extra in known


def whole_extras() -> set[str]:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    return set(tomli.loads(text)["project"]["optional-dependencies"])
