"""Parts of hand-written pages that are made from the code.

They stand between `<!-- made: NAME -->` and `<!-- end -->`. The number of rules is kept wherever a
text gives it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner

from dev.newest_release import newest_release
from loracheck.cli import COMMANDS, cli
from loracheck.options.lint_settings import LintSettings
from loracheck.options.settings_keys import KEYS
from loracheck.pipeline import check_file
from loracheck.reporters import render
from loracheck.reporters.report import Report
from loracheck.rules import list_all_rules

from .dialects import load_golden, make_overview
from .markdown import make_table

ROOT = Path(__file__).parents[2]
PAGES = ("index", "explain", "settings", "right", "cli", "output", "dialects", "agents")
FILES = ("README.md", *(f"docs/{name}.md" for name in PAGES))
EXAMPLE = """\
{"peft_type": "LORA", "base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct",
 "r": 16, "target_modules": ["q_proj", "o_proj"]}
"""

MAP = ROOT / "docs" / "images" / "coverage.svg"
MAP_EXAMPLE = "examples/phi3_llama_names.json"

_COUNT = re.compile(r"\b\d+( rules\b)")
_PART = re.compile(r"(<!-- made: ([^>]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def make_files() -> dict[Path, str]:
    """Path and text of every page that has such parts, and of the picture that one shows."""
    made = {ROOT / name: update_parts((ROOT / name).read_text("utf-8")) for name in FILES}
    return {**made, MAP: _map()}


def update_parts(text: str) -> str:
    """The text with its parts as they are now. KeyError for a part that nobody makes."""
    text = _COUNT.sub(rf"{len(list_all_rules())}\1", text)
    return _PART.sub(lambda found: f"{found[1]}\n{_make_part(found[2])}\n\n{found[3]}", text)


def _make_part(name: str) -> str:
    kind, _, argument = name.partition(" ")
    makers: dict[str, Callable[[str], str]] = {
        "help": _help,
        "run": _run,
        "commands": _commands,
        "settings": _settings,
        "options": _options,
        "trees": _trees,
        "tools": _tools,
        "dialects": _dialects,
        "report": _report,
    }
    return makers[kind](argument)


@contextmanager
def working_directory(folder: Path) -> Iterator[None]:
    """The folder as working directory (contextlib has it from Python 3.11 on)."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _help(command: str) -> str:
    result = CliRunner().invoke(
        cli, [*command.split(), "--help"], prog_name="loracheck", terminal_width=80, color=False
    )
    return f"```text\n{result.output.strip()}\n```"


def _run(command: str) -> str:
    """What a command of loracheck prints in the repository's root, whose own pins choose the
    releases, as they do for who runs it in a clone.
    """
    with working_directory(ROOT):
        runner = CliRunner(env={"COLUMNS": "80", "FORCE_COLOR": None, "NO_COLOR": "1"})
        result = runner.invoke(cli, command.split(), terminal_width=80, color=False)
    return f"```text\n$ loracheck {command}\n{result.stdout.strip()}\n```"


def _map() -> str:
    """The coverage map of a config."""
    with working_directory(ROOT), newest_release(), TemporaryDirectory() as folder:
        file = Path(folder, "map.svg")
        CliRunner().invoke(
            cli, ["explain", MAP_EXAMPLE, "--svg", str(file)], catch_exceptions=False
        )
        return file.read_text("utf-8")


def _commands(_: str) -> str:
    """Every command with what it takes."""
    blocks = [make_table(("Command", "What it does"), [(f"`{n}`", t) for n, t in COMMANDS.items()])]
    blocks += [f"## {name}\n\n{_help(name)}" for name in COMMANDS]
    return "\n\n".join(blocks)


def _settings(_: str) -> str:
    return make_table(("Key", "Meaning"), [(f"`{name}`", key.help) for name, key in KEYS.items()])


def _options(_: str) -> str:
    rows = [
        (f"[{rule.code} {rule.name}](rules/{rule.code}.md)", f"`{name}`", text)
        for rule in list_all_rules()
        for name, text in rule.options.items()
    ]
    return make_table(("Rule", "Option", "Meaning"), rows)


def _report(_: str) -> str:
    """The JSON report of a small config."""
    name = "adapter_config.json"
    every = LintSettings(frozenset(rule.code for rule in list_all_rules()))
    with newest_release():
        outcome = check_file(name, name, every, EXAMPLE.encode())
    return f"```json\n{render(Report((outcome,), 1), 'json')}\n```"


def _tools(_: str) -> str:
    """The tools that were asked, and with how many files."""
    rows = [
        (f"[{name}](dialects/{name}.md)", found["version"], str(len(found["cases"])))
        for name, found in load_golden().items()
    ]
    return make_table(("Tool", "Release", "Files"), rows)


def _dialects(_: str) -> str:
    """Every dialect in a row."""
    return make_overview()


def _trees(_: str) -> str:
    """The tables of bench/trees/results, one below the other."""
    lines: list[str] = []
    for path in sorted((ROOT / "bench" / "trees" / "results").glob("*.md"), reverse=True):
        rows = [line for line in path.read_text("utf-8").splitlines() if line.startswith("|")]
        if not lines:
            lines = [f"| release {rows[0]}", f"| --- {rows[1]}"]
        version = path.stem.replace("-", " ", 1)
        lines += [f"| {version} {row}" for row in rows[2:]]
    return "\n".join(lines)
