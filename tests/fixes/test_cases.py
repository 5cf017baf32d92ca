"""Files before and after: `cases/safe` with --fix, `cases/unsafe` with --unsafe-fixes too."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from loracheck.documents import read
from loracheck.fixes.apply import FixedText, apply_fixes
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules
from tests.builds import REMEMBERED

CASES = Path(__file__).parent / "cases"
FILES = sorted(path for path in CASES.glob("*/*") if path.suffix != ".fixed")
ALL = LintSettings(frozenset(rule.code for rule in list_all_rules()), trees=REMEMBERED)


def mended(name: str, text: str, *, unsafe: bool) -> FixedText:
    def check(text: str) -> tuple:  # type: ignore[type-arg]
        return check_file(name, name, ALL, text.encode()).findings

    return apply_fixes(text, check, partial(read, name), unsafe=unsafe)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_case(path: Path, ends: str) -> None:
    before = path.read_text("utf-8").replace("\n", ends)
    after = path.with_name(path.name + ".fixed").read_text("utf-8").replace("\n", ends)
    unsafe = path.parent.name == "unsafe"
    # A file beside weights has one name only.
    name = "adapter_config.json" if path.suffix == ".json" else path.name
    found = mended(name, before, unsafe=unsafe)
    assert found.text == after
    again = mended(name, after, unsafe=unsafe)
    assert again.text == after
    assert not again.applied


def test_every_rule_that_says_it_has_fixes_gives_one_and_no_other_does() -> None:
    given = set()
    for path in FILES:
        outcome = check_file(str(path), path.name, ALL)
        given |= {f.code for f in outcome.findings if f.fix}
        name = "adapter_config.json" if path.suffix == ".json" else path.name
        outcome = check_file(name, name, ALL, path.read_bytes())
        given |= {f.code for f in outcome.findings if f.fix}
    assert given == {rule.code for rule in list_all_rules() if rule.fixable}
