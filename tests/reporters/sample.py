"""A small report with every part that a finding can have."""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.findings import Edit, Finding, Fix, RelatedPlace
from loracheck.reporters.report import Report
from loracheck.results import FileResult, SettingResult

LINES = ('{"r": 8,', '  "target_modules": ["q_proj", "o_proj"]}')

DEAD = Finding(
    "LC202",
    "target-entry-dead",
    "warning",
    "`q_proj` matches no module of Phi3ForCausalLM",
    "a.json",
    Span(2, 22, 2, 30),
    help="in this model it is `qkv_proj`",
    field="target_modules",
    notes=("LoRA reaches 32 of 128 linear layers",),
    related=(RelatedPlace(Span(1, 2, 1, 5), "the rank"),),
    fix=Fix("rename", (Edit(Span(2, 22, 2, 30), '"qkv_proj"'),)),
)
NOTE = Finding(
    "LC003", "model-not-resolved", "note", "not held against a model", "b.json", Span(1, 1, 1, 1)
)
SETTING = SettingResult(
    "a.json", 1, "peft-adapter", "m/x", "phi3", "bundled", "5.23.0", True, 32, 1024, 4096
)._replace(transformers_from="installed", peft="0.21.2", peft_from="pinned by requirements.txt:3")
UNJUDGED = SETTING._replace(path="b.json", judged=False, model_type=None, targeted_modules=None)


def report(colour: bool = False) -> Report:
    """Two files, one finding each."""
    results = (
        FileResult("a.json", (DEAD,), (SETTING,), LINES),
        FileResult("b.json", (NOTE,), (UNJUDGED,), ("{}",)),
    )
    return Report(results, 2, colour)
