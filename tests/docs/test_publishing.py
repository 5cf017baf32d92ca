"""What a publisher needs: one address from which all others come, workflows, recipes, forms."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomli
import yaml

from dev.recipes import make_recipes
from loracheck import __version__, addresses
from loracheck.reporters import render
from tests.reporters.sample import report

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
OWN = "https://github.com/Some-Owner/loracheck"
"""Stands for the address in these tests."""


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "REPOSITORY", OWN)


def test_the_address_is_empty_or_a_repository_s() -> None:
    assert re.fullmatch(r"|https://github\.com/[\w-]+/[\w.-]+(?<!/)", addresses.REPOSITORY)


def test_nothing_names_an_address_before_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "REPOSITORY", "")
    assert addresses.build_docs_url() is None
    assert addresses.build_rule_url("LC201") is None
    assert "helpUri" not in render(report(), "sarif")
    assert '"url"' not in render(report(), "rdjson")
    assert "\x1b]8" not in render(report()._replace(colour=True), "full")


@pytest.mark.usefixtures("published")
def test_reports_link_to_the_pages_of_their_own_version() -> None:
    minor = ".".join(__version__.split(".")[:2])
    site = f"https://some-owner.github.io/loracheck/{minor}/"
    assert addresses.build_docs_url() == site
    assert addresses.build_docs_url("rules/LC201", version="latest") == (
        "https://some-owner.github.io/loracheck/latest/rules/LC201/"
    )
    driver = json.loads(render(report(), "sarif"))["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == site
    assert {r["helpUri"] for r in driver["rules"]} == {
        f"{site}rules/{rule['id']}/" for rule in driver["rules"]
    }
    rows = json.loads(render(report(), "rdjson"))["diagnostics"]
    assert all(r["code"]["url"] == f"{site}rules/{r['code']['value']}/" for r in rows)
    shown = render(report()._replace(colour=True), "full")
    code = rows[0]["code"]["value"]
    link = f"\x1b]8;;{site}rules/{code}/\x1b\\loracheck explain {code}\x1b]8;;\x1b\\"
    assert link in shown
    assert "\x1b" not in render(report(), "full")
    assert all((ROOT / "docs" / "rules" / f"{rule['id']}.md").exists() for rule in driver["rules"])


def test_no_other_file_names_an_address_of_the_project() -> None:
    named = re.compile(r"github\.com/[\w-]+/loracheck|[\w-]+\.github\.io/loracheck")
    folders = ("loracheck", "docs", "schemas", ".github", "recipes", "dev")
    files = [path for name in folders for path in (ROOT / name).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    assert len(files) > 500
    files.remove(Path(addresses.__file__))
    found = [path for path in files if path.suffix != ".bin" and named.search(_text(path))]
    assert found == []


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def test_the_version_stands_thrice_and_is_one() -> None:
    project = tomli.loads(_text(ROOT / "pyproject.toml"))["project"]
    citation = yaml.safe_load(_text(ROOT / "CITATION.cff"))
    assert {project["version"], citation["version"]} == {__version__}
    assert citation["license"] == project["license"]
    assert citation["abstract"] == project["description"]


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_gives_no_right_that_a_job_does_not_name(path: Path) -> None:
    workflow = yaml.safe_load(_text(path))
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert set(job) >= {"permissions", "timeout-minutes", "runs-on"}
    for step in steps(workflow):
        assert "${{" not in step.get("run", ""), "a value enters a shell through the environment"
        action = step.get("uses", "./")
        assert action == "./" or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        if action.startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_one_action_has_one_pin_that_its_comment_names() -> None:
    texts = [_text(path) for path in (*WORKFLOWS, ROOT / "action.yml")]
    pins: dict[str, set[str]] = {}
    for text in texts:
        for action, rest in re.findall(r"uses: ([\w/-]+)@(.*)", text):
            assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", rest), (action, rest)
            pins.setdefault(action, set()).add(rest)
    assert len(pins) >= 6
    assert [action for action, found in pins.items() if len(found) > 1] == []


@pytest.mark.skipif(shutil.which("zizmor") is None, reason="zizmor is not installed")
def test_zizmor_finds_nothing() -> None:
    command = ["zizmor", "--offline", "--pedantic", ".github", "action.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed")
def test_actionlint_finds_nothing() -> None:
    done = subprocess.run(["actionlint"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_ci_runs_the_first_command_of_readme() -> None:
    first = re.findall(r"```sh\n(python3 -m venv [^\n]+)\n```", _text(ROOT / "README.md"))[0]
    runs = [step.get("run") for step in steps(_load(GITHUB / "workflows" / "ci.yml"))]
    assert first in runs


def test_every_command_of_a_workflow_is_there() -> None:
    text = "\n".join(step.get("run", "") for path in WORKFLOWS for step in steps(_load(path)))
    from importlib.util import find_spec

    named = set(re.findall(r"-m ((?:loracheck|dev|bench)[\w.]*)", text))
    assert "dev.recipes" in named
    assert [name for name in named if find_spec(name) is None] == []
    makefile = _text(ROOT / "Makefile")
    for target in re.findall(r"make ([a-z-]+)", text):
        assert f"\n{target}:" in makefile


def _load(path: Path) -> Any:
    return yaml.safe_load(_text(path))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_github_takes(path: Path) -> None:
    """Keys and types by GitHub's "Syntax for issue forms"."""
    form = _load(path)
    assert set(form) <= {"name", "description", "title", "labels", "body"}
    assert all(isinstance(form[key], str) for key in ("name", "description", "title"))
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in fields} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert len({part["id"] for part in fields}) == len(fields)
    assert all(part["attributes"]["label"] for part in fields)
    assert any(part.get("validations", {}).get("required") for part in fields)
    for part in fields:
        assert set(part) <= {"type", "id", "attributes", "validations"}


def test_there_is_a_form_for_each_thing_that_people_report() -> None:
    assert {path.stem for path in FORMS} == {"false_alarm", "missed_mistake", "new_tool"}


def test_the_recipes_have_what_the_package_has() -> None:
    made = make_recipes(b"sdist", OWN)
    assert not [text for text in made.values() if re.search(r"@[a-z0-9]+@", text)]
    recipe = yaml.safe_load(made["recipe.yaml"])
    project = tomli.loads(_text(ROOT / "pyproject.toml"))["project"]
    assert recipe["package"] == {"name": "loracheck", "version": __version__}
    assert recipe["source"]["url"].startswith(f"{OWN}/releases/download/v{__version__}/")
    assert len(recipe["source"]["sha256"]) == 64
    run = recipe["requirements"]["run"]
    assert run[0] == f"python {project['requires-python']}"
    assert len(run) == 1 + len(project["dependencies"])
    assert recipe["build"]["python"]["entry_points"] == [
        f"{name} = {target}" for name, target in project["scripts"].items()
    ]
    assert f'sha256 "{recipe["source"]["sha256"]}"' in made["loracheck.rb"]


def test_no_recipe_without_an_address() -> None:
    with pytest.raises(ValueError, match="where the project is published"):
        make_recipes(b"sdist", "")


@pytest.mark.skipif(shutil.which("ruby") is None, reason="ruby is not installed")
def test_the_formula_is_ruby(tmp_path: Path) -> None:
    (tmp_path / "loracheck.rb").write_text(make_recipes(b"sdist", OWN)["loracheck.rb"])
    command = ["ruby", "-c", str(tmp_path / "loracheck.rb")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Wheel and sdist of two copies of the repository, with other times, rights and names."""
    pytest.importorskip("hatchling")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a clone")
    names = [n for n in listed.stdout.decode().split("\0") if n and (ROOT / n).is_file()]
    folders = []
    for name in ("one", "another-name"):
        folder = tmp_path_factory.mktemp(name)
        source = folder / "source"
        for file in names if name == "one" else reversed(names):
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, source / file)
            if name != "one":
                (source / file).chmod(0o600)
        code = (
            "from hatchling.build import build_sdist, build_wheel; "
            f"build_wheel({str(folder)!r}); build_sdist({str(folder)!r})"
        )
        subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)
        folders.append(folder)
    return folders


def archives(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def test_two_builds_are_equal_byte_by_byte(built: list[Path]) -> None:
    one, other = map(archives, built)
    assert [path.name for path in one] == [path.name for path in other]
    assert len(one) == 2
    for left, right in zip(one, other, strict=True):
        assert left.read_bytes() == right.read_bytes(), left.name


def test_the_wheel_has_the_package_and_nothing_else(built: list[Path]) -> None:
    import zipfile

    (path,) = built[0].glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        metadata = wheel.read(f"loracheck-{__version__}.dist-info/METADATA").decode()
    assert {name.split("/")[0] for name in names} == {
        "loracheck",
        f"loracheck-{__version__}.dist-info",
    }
    own = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "loracheck").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert own <= set(names), "py.typed, data and all"
    assert f"loracheck-{__version__}.dist-info/licenses/LICENSE" in names
    assert ("Project-URL" in metadata) == bool(addresses.REPOSITORY)


def test_the_sdist_has_the_tests_too(built: list[Path]) -> None:
    import tarfile

    (path,) = built[0].glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for name in (
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "tests/conftest.py",
        "dev/package_links.py",
    ):
        assert name in names


def test_links_of_the_package_come_from_the_address() -> None:
    pytest.importorskip("hatchling")
    from dev.package_links import make_links, make_links_absolute, read_repository

    source = _text(ROOT / "loracheck" / "addresses.py")
    mine = re.sub(r'^REPOSITORY = ".*"$', f'REPOSITORY = "{OWN}"', source, flags=re.M)
    assert read_repository(source) == addresses.REPOSITORY
    assert read_repository(mine) == OWN
    assert make_links("") == {}
    assert make_links(OWN)["Issues"] == f"{OWN}/issues"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "REPOSITORY", OWN)
        assert make_links(OWN)["Documentation"] == addresses.build_docs_url(version="latest")
    readme = _text(ROOT / "README.md")
    assert make_links_absolute(readme, "", "1.0") == readme
    page = make_links_absolute(readme, OWN, "1.0")
    assert f"({OWN}/blob/v1.0/docs/cli.md)" in page
    assert f"({OWN}/raw/v1.0/docs/images/check.svg)" in page
    assert not re.findall(r"\]\((?!https://|#)", page), "an index has no files beside the page"


def test_the_wheel_has_the_readme(built: list[Path]) -> None:
    import zipfile

    (path,) = built[0].glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        metadata = wheel.read(f"loracheck-{__version__}.dist-info/METADATA").decode()
    assert "Description-Content-Type: text/markdown" in metadata
    assert "## See it work" in metadata
