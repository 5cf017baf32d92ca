"""The recording of an editor shows what the server says today."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

pytest.importorskip("fcntl")

import loracheck
from dev.recording import IMAGE, STEPS, TEXT
from loracheck.lsp.actions import list_actions
from loracheck.lsp.analysis import analyse
from loracheck.lsp.hover import describe_place
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings

NAME = "{http://www.w3.org/2000/svg}"
FRAMES = [
    "".join("".join(text.text or "" for text in group.iter(f"{NAME}text")).split())
    for group in ElementTree.parse(IMAGE).getroot().iter(f"{NAME}g")
]


def bare(words: str) -> str:
    """Words without blanks: a picture cuts them where the colour changes."""
    return "".join(words.split())


def test_each_step_has_its_picture() -> None:
    assert len(FRAMES) == len(STEPS)
    for frame, step in zip(FRAMES, STEPS, strict=True):
        assert bare(step.told) in frame and bare(step.wait_for) in frame


def test_the_pictures_hold_what_is_said_today() -> None:
    settings = resolve_settings(RunOptions(isolated=True), ()).for_path("lora.yaml")
    found = analyse("lora.yaml", TEXT, settings)
    (finding,) = found.findings
    assert bare(finding.message) in FRAMES[0]
    hover = describe_place(found, TEXT.index("q_proj"))
    assert hover is not None
    assert bare(hover.text.replace("**", "").split("\n")[0]) in FRAMES[1]
    titles = [action.title for action in list_actions(found, 6, 6)]
    assert all(bare(title) in FRAMES[2] for title in titles) and len(titles) == 2
    assert bare(finding.message) not in FRAMES[3]
    mended = TEXT.replace("q_proj", "qkv_proj") + "  - gate_up_proj\n"
    assert loracheck.check(mended, name="lora.yaml").ok
    assert all(word in FRAMES[-1] for word in ("-qkv_proj", "-gate_up_proj", "written"))
