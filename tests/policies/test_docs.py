"""docs/policies.md: each example is run, and says what stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from tests.rules.pages import FILES

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
PARTS = re.split(r"^### (.+)\n", PAGE.read_text("utf-8"), flags=re.MULTILINE)
EXAMPLES = dict(zip(PARTS[1::2], PARTS[2::2], strict=True))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_says_what_stands_there(
    title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kind, policy), (language, config), (_, said) = BLOCK.findall(EXAMPLES[title])
    monkeypatch.chdir(tmp_path)
    Path(f"policy.{kind}").write_text(policy, "utf-8")
    Path(FILES[language]).write_text(config, "utf-8")
    options = ["--select", "LC9", "--format", "concise", "--policy", f"policy.{kind}"]
    done = CliRunner().invoke(cli, ["check", *options, FILES[language]])
    assert done.exit_code == 1, done.output
    assert done.stdout.splitlines()[0] + "\n" == said
    assert done.stdout.count("LC901") == 1


def test_the_page_has_the_examples() -> None:
    assert len(EXAMPLES) == 7
