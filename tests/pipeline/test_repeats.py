"""One slip at several places is one finding, in every format."""

from __future__ import annotations

import json
from pathlib import Path

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

PHI = """base_model: microsoft/Phi-3-mini-4k-instruct
adapter: lora
lora_r: 8
lora_alpha: 16
lora_target_modules:
  - q_proj
  - k_proj
  - v_proj{mark}
  - o_proj
  - gate_proj
  - up_proj
  - down_proj
"""


SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()))


def lines_of(text: str) -> list[list[int]]:
    found = check_file("a.yaml", "a.yaml", SETTINGS, text).findings
    return [[f.span.line, *(related.span.line for related in f.related)] for f in found]


def test_five_dead_names_are_one_finding() -> None:
    (one,) = check_file("a.yaml", "a.yaml", SETTINGS, PHI.format(mark="")).findings
    assert one.message == (
        "`q_proj`, `k_proj`, `v_proj`, `gate_proj` and `up_proj` match no module of Phi3ForCausalLM"
    )
    assert one.help == (
        "write `qkv_proj` for `q_proj`, `k_proj` and `v_proj`; "
        "`gate_up_proj` for `gate_proj` and `up_proj`"
    )
    assert "LoRA reaches 64 of 128 linear layers" in one.notes
    assert lines_of(PHI.format(mark="")) == [[6, 7, 8, 10, 11]]
    assert one.fix is not None
    assert len(one.fix.changes) == 5


def test_a_comment_silences_its_own_place() -> None:
    text = PHI.format(mark="  # loracheck: ignore[LC202]")
    assert lines_of(text) == [[6, 7, 10, 11]]


def test_two_settings_are_two_findings() -> None:
    text = PHI.format(mark="")
    assert len(lines_of(f"{text}---\n{text}")) == 2


def test_sarif_and_json_have_the_other_places(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from loracheck.cli import cli

    file = tmp_path / "a.yaml"
    file.write_text(PHI.format(mark=""), "utf-8")
    out = CliRunner().invoke(cli, ["check", str(file), "--isolated", "--format", "sarif"]).output
    (row,) = json.loads(out)["runs"][0]["results"]
    places = [one["physicalLocation"]["region"]["startLine"] for one in row["relatedLocations"]]
    assert places == [7, 8, 10, 11]
    out = CliRunner().invoke(cli, ["check", str(file), "--isolated", "--format", "json"]).output
    (finding,) = json.loads(out)["findings"]
    assert [one["line"] for one in finding["related"]] == places
