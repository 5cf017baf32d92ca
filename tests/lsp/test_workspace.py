"""The texts of an editor without an editor: what stays while a text cannot be read."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("pygls")

from loracheck.lsp.workspace import OpenText, Workspace

CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 8,
    "target_modules": ["q_proj", "gate_porj"],
}
TEXT = json.dumps(CONFIG, indent=1)
BROKEN = TEXT.rstrip("}\n ")
"""Without its end, which is nowhere near the cursor of the next change."""


def found(workspace: Workspace, text: OpenText) -> list[tuple[str, int, bool]]:
    findings = workspace.analyse(text).findings
    return [(one.code, one.span.line, one.fix is not None) for one in findings]


@pytest.fixture
def workspace() -> Workspace:
    said: list[str] = []
    return Workspace(said.append)


def test_findings_stay_while_the_text_cannot_be_read(workspace: Workspace) -> None:
    text = OpenText("adapter_config.json", TEXT, 1)
    assert found(workspace, text) == [("LC202", 7, True)]
    for version, (new, line) in enumerate(
        [
            (BROKEN, 7),
            (BROKEN.replace('"r": 8', '"r": 16'), 7),
            (BROKEN.replace('"r": 8', '"bias": "none",\n "r": 8'), 8),
            (BROKEN.replace(' "r": 8,\n', ""), 6),
        ],
        2,
    ):
        text.change(new, version)
        told = found(workspace, text)
        assert told[0][0] == "LC001"
        assert told[1:] == [("LC202", line, line == 7 and version == 2)], new
    text.change(TEXT, 9)
    assert found(workspace, text) == [("LC202", 7, True)]


def test_what_is_being_typed_is_not_kept(workspace: Workspace) -> None:
    text = OpenText("adapter_config.json", TEXT, 1)
    workspace.analyse(text)
    text.change(BROKEN, 2)
    workspace.analyse(text)
    text.change(BROKEN.replace("gate_porj", "gate_pro"), 3)
    assert [code for code, _, _ in found(workspace, text)] == ["LC001"]


def test_a_text_that_never_was_readable_keeps_nothing(workspace: Workspace) -> None:
    text = OpenText("adapter_config.json", BROKEN, 1)
    assert [code for code, _, _ in found(workspace, text)] == ["LC001"]
    text.change(BROKEN + " ", 2)
    assert "LC001" in [code for code, _, _ in found(workspace, text)]
