"""Models that are classes of the file: PEFT puts the config on the class itself, with the encoders
made from their configs on the meta device, and judges tree, plan and findings.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import build_contexts, check_file
from loracheck.rules import list_all_rules

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

from loracheck.trees.live import read_module  # noqa: E402

SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()))
FOLDER = Path(__file__).parent / "cases" / "own_models"
FILES = sorted(FOLDER.glob("*.py"))
CONFIGS = {
    "bert-base-uncased": transformers.BertConfig(),
    "roberta-base": transformers.RobertaConfig(
        vocab_size=50265, max_position_embeddings=514, type_vocab_size=1
    ),
    "gpt2": transformers.GPT2Config(),
}


def run(text: str) -> dict[str, Any]:
    """The names of a script that was run with models made from configs, on the meta device; under
    "refused" what PEFT raised, under "net" the module that was given to PEFT.
    """
    found: dict[str, Any] = {"__name__": "own_model"}
    real = peft.get_peft_model

    def put_on(model: Any, config: Any) -> Any:
        found["net"] = read_module(model)
        return real(model, config)

    patches = pytest.MonkeyPatch()
    for name in ("AutoModel", "AutoModelForCausalLM"):
        auto = getattr(transformers, name)
        make = lambda name, auto=auto, **_: auto.from_config(CONFIGS[name])  # noqa: E731
        patches.setattr(auto, "from_pretrained", make)
    patches.setattr(peft, "get_peft_model", put_on)
    try:
        with torch.device("meta"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(text, "own_model.py", "exec"), found)
    except (ValueError, AttributeError, TypeError) as error:
        found["refused"] = error
    finally:
        patches.undo()
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_peft_agrees(path: Path) -> None:
    text = path.read_text()
    ran = run(text)
    (context,) = build_contexts(read(str(path), text), SETTINGS)
    result = check_file(str(path), path.name, SETTINGS, text)
    expected = re.search(r"expect: (.*)", text)
    codes = expected[1].split(", ") if expected else []
    assert sorted(finding.code for finding in result.findings) == codes
    stops = any(finding.severity == "error" for finding in result.findings)
    # A name in modules_to_save that matches nothing is LC401's error, and PEFT is silent.
    assert ("refused" in ran) == (stops and "LC401" not in codes)
    if context.tree is None:
        return
    tree, real = context.tree, ran["net"]
    names = [(one.name, one.node.kind, one.node.class_name) for one in tree.modules()]
    assert names == [(one.name, one.node.kind, one.node.class_name) for one in real.modules()]
    if not tree.partial:
        sizes = [(one.name, one.node.parameters, one.node.attributes) for one in tree.modules()]
        assert sizes == [
            (one.name, one.node.parameters, one.node.attributes) for one in real.modules()
        ]
    if context.plan is not None and context.plan.error is None:
        trainable, total = ran["model"].get_nb_trainable_parameters()
        assert (context.plan.trainable, context.plan.total) == (trainable, total)


LINES = (FOLDER / "unknown_parts.txt").read_text().splitlines()
BEGINNING = """
import torch.nn as nn
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        LINE


net = Net(3)
"""
END = """
model = get_peft_model(net, LoraConfig(r=8, target_modules=["qkv"], modules_to_save=["score"]))
"""
OUTSIDE = [
    "net.head = nn.Linear(768, 2)",
    "setattr(net, 'head', nn.Linear(768, 2))",
    "net.encoder.pooler = make()",
    "Net.head = property(make)",
]


@pytest.mark.parametrize(
    "text",
    [BEGINNING.replace("LINE", line) + END for line in LINES]
    + [BEGINNING.replace("LINE", "pass") + line + END for line in OUTSIDE],
)
def test_nothing_rests_on_what_is_unknown(text: str) -> None:
    """`qkv` and `score` may be in what is not read."""
    result = check_file("a.py", "a.py", SETTINGS, text)
    assert [finding.code for finding in result.findings] == ["LC003"]
    assert "Net" in result.findings[0].message


def test_without_the_unknown_part_it_is_said() -> None:
    text = BEGINNING.replace("LINE", "pass") + END
    codes = {finding.code for finding in check_file("a.py", "a.py", SETTINGS, text).findings}
    assert codes == {"LC201", "LC401"}
