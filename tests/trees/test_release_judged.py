"""Which release a bundled model is judged by, and what depends on it."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from dev.newest_release import newest_release
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.releases.installed_version import find_installed_version
from loracheck.releases.release_table import list_known_releases, parse_version_number
from loracheck.results import FileResult
from loracheck.rules import list_all_rules
from loracheck.trees.resolve import resolve
from loracheck.trees.sources import bundle
from loracheck.trees.sources.request import Request, TreeOptions

EVERY = frozenset(rule.code for rule in list_all_rules())
VL = "Qwen/Qwen2.5-VL-7B-Instruct"
VIT = "google/vit-base-patch16-224"
LATE = r"^model\.language_model\.layers\.\d+\.self_attn\.(q|v)_proj$"
EARLY = r"^model\.layers\.\d+\.self_attn\.(q|v)_proj$"
CASES = [
    (VL, LATE, "4.49.0", ["LC201"]),
    (VL, LATE, "4.57", []),
    (VL, EARLY, "4.49.0", []),
    (VL, EARLY, "5.24.0", ["LC201"]),
    (VIT, ["q_proj", "v_proj"], "5.0.0", ["LC201"]),
    (VIT, ["q_proj", "v_proj"], "5.24.0", []),
    (VIT, ["query", "value"], "5.0.0", []),
    (VIT, ["query", "value"], "4.49", []),
    ("type:qwen2_moe", ["q_proj", "gate_proj"], "5.0.0", ["LC220"]),
    ("type:qwen2_moe", ["q_proj", "gate_proj"], "5.24.0", []),
    ("type:qwen3_moe", ["q_proj", "gate_proj"], "5.24.0", ["LC220"]),
    ("type:qwen3_moe", ["q_proj", "gate_proj"], "4.57.6", []),
    ("type:sarvam_mla", ["q_proj", "gate_proj"], "5.24.0", ["LC220"]),
    ("type:afmoe", ["q_proj", "gate_proj"], "5.24.0", ["LC220"]),
    ("type:afmoe", ["q_proj", "gate_proj"], "5.0.0", []),
]
"""Model, targets, release, and the errors that PEFT 0.21.2 raises there (executed)."""


def check(model: str, targets: object, release: str | None, **options: str) -> FileResult:
    config = {
        "peft_type": "LORA",
        "base_model_name_or_path": model,
        "r": 8,
        "lora_alpha": 16,
        "target_modules": targets,
    }
    settings = LintSettings(EVERY, trees=TreeOptions(release, **options))
    return check_file("adapter_config.json", "x", settings, json.dumps(config).encode())


@pytest.mark.parametrize(("model", "targets", "release", "codes"), CASES)
def test_the_verdict_is_that_of_the_release(
    model: str, targets: object, release: str, codes: list[str]
) -> None:
    found = check(model, targets, release)
    (setting,) = found.settings
    assert f"{setting.transformers}.".startswith(f"{release}.")
    raised = [one.code for one in found.findings if one.code in ("LC201", "LC220")]
    assert raised == codes
    assert all(one.severity == "error" for one in found.findings if one.code in raised)


EXPERTS = ["q_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
COUNTS = [
    ("type:sarvam_mla", "5.24.0", 722_468_864, 106_754_232_320),
    ("type:afmoe", "5.24.0", 211_353_600, 19_443_953_600),
    ("type:afmoe", "5.0.0", 171_522_048, 19_404_122_048),
]
"""Model, release, trainable and all parameters with rank 8 on EXPERTS (PEFT 0.21.2, executed)."""


@pytest.mark.parametrize(("model", "release", "trainable", "total"), COUNTS)
def test_experts_are_counted_as_the_release_holds_them(
    model: str, release: str, trainable: int, total: int
) -> None:
    (setting,) = check(model, EXPERTS, release).settings
    assert (setting.trainable_parameters, setting.total_parameters) == (trainable, total)


def test_where_nothing_says_which_release_runs_it_may_be_one_that_takes_it() -> None:
    with newest_release():
        (finding,) = [f for f in check(VL, EARLY, None).findings if f.code == "LC201"]
    assert finding.severity == "warning"
    assert any(note.startswith("it matches on transformers 4.49") for note in finding.notes)


def test_a_model_that_a_release_cannot_build_is_not_judged() -> None:
    found = resolve(Request("Qwen/Qwen3-8B"), TreeOptions("4.49.0"))
    assert found.tree is None
    assert "transformers 4.49.0 (asked for) cannot build 'Qwen/Qwen3-8B'" in str(found.reason)
    assert f"to {list_known_releases('transformers')[0]} can" in str(found.reason)


def differing() -> tuple[str, str, str]:
    """A model type, and two neighbouring releases that build it otherwise."""
    releases = bundle.load_index(types=True).releases
    for newer, older in pairwise(releases):
        if (
            parse_version_number(newer)[2] == 0
            or parse_version_number(newer)[:2] == parse_version_number(older)[:2]
        ):
            continue
        for name in bundle.load_index(types=True).entries:
            trees = [bundle.find_tree(name, release=one) for one in (newer, older)]
            if None not in trees and trees[0].root != trees[1].root:  # type: ignore[union-attr]
                return name, newer, older
    raise AssertionError("no release changes anything")


def test_a_release_between_two_is_judged_by_both() -> None:
    model, newer, older = differing()
    between = f"{parse_version_number(newer)[0]}.{parse_version_number(newer)[1]}.0"
    found = resolve(Request(model), TreeOptions(between))
    assert found.tree is not None and found.tree.transformers == newer
    assert found.rival is not None and found.rival.transformers == older
    assert found.notes == (
        f"transformers {between} lies between {older} and {newer}, which differ for {model}",
    )


def test_what_one_of_two_releases_says_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    # with these two alone, 5.7.0 lies between a release with `query` and one with `q_proj`
    entry = bundle.find_model(VIT)
    assert entry is not None
    runs = [[0, entry.find_variant("5.24.0")], [1, entry.find_variant("5.0.0")]]
    two = entry._replace(releases=["5.24.0", "5.0.0"], runs=runs)
    monkeypatch.setattr("loracheck.trees.sources.bundle_source.find_model", lambda _: two)
    found = check(VIT, ["query", "value"], "5.7.0")
    (finding,) = [f for f in found.findings if f.code == "LC201"]
    assert finding.severity == "note"
    assert any("one of the two known releases that 5.7.0 lies between" in n for n in finding.notes)
    assert found.settings[0].release_notes == (
        f"transformers 5.7.0 lies between 5.0.0 and 5.24.0, which differ for {VIT}",
    )


@pytest.mark.skipif(find_installed_version("transformers") is None, reason="no transformers")
def test_another_interpreter_builds_a_bundled_model(tmp_path: Path) -> None:
    release = find_installed_version("transformers", sys.executable)
    found = resolve(Request(VIT, beside=str(tmp_path)), TreeOptions(python=sys.executable))
    assert found.tree is not None and found.tree.transformers == release
    bundled = bundle.find_tree(VIT, release=release)
    assert bundled is None or found.tree.root == bundled.root
    assert found.release is not None
    assert found.release.reason == f"installed for {sys.executable}"


def test_an_interpreter_without_transformers_is_told() -> None:
    found = resolve(Request(VIT), TreeOptions(python="/no/such/python"))
    assert found.reason == "/no/such/python is no interpreter that has transformers"
