"""Which kinds of architecture a model belongs to, read off its spec and its tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.trees.model import ModuleTree

HEADS = (
    ("decoder", re.compile("CausalLM$")),
    ("encoder", re.compile("MaskedLM$|TextEncoding|NextSentence")),
    ("encoder-decoder", re.compile("Seq2SeqLM$")),
    (
        "classification or answers",
        re.compile("(Sequence|Token)Classification|Answering|MultipleChoice|Decision"),
    ),
    ("vision-language", re.compile("ImageTextToText|Multimodal|Visual|Document|Retrieval")),
    ("speech and sound", re.compile("Speech|CTC|Audio|RNNT|TDT|Text(ToSpec|ToWave)")),
    ("vision", re.compile("Image|Video|Depth|Segment|Object|Keypoint|Backbone|Mask|Pose|Normal")),
    ("base model", re.compile("^(Model|PreTraining)$")),
    ("time series", re.compile("TimeSeries")),
)
UNFUSED = re.compile(r"(^|\.)experts\.\d+(\.|$)")
STATE = re.compile("mamba|ssm|rwkv|xlstm|gateddeltanet|recurrent", re.I)


def list_families(spec: str, tree: ModuleTree) -> Iterator[str]:
    """The head's family, then whatever the tree shows."""
    kind, _, head = spec.removesuffix("@real").partition("/")
    if kind == "plain":
        yield "plain torch module"
        return
    if kind == "diffusers":
        yield "transformer of diffusers" if "Transformer" in head else "UNet of diffusers"
        return
    yield next((name for name, fits in HEADS if fits.search(head)), "other heads")
    modules = list(tree.modules())
    if any(UNFUSED.search(module.name) for module in modules):
        yield "experts as modules"
    if any(len(p.shape) == 3 for m in modules if "expert" in m.name for p in m.node.parameters):
        yield "experts fused into one parameter"
    if any(STATE.search(module.node.cls) for module in modules):
        yield "state space or recurrence"
    if any(module.node.kind == "Conv1D" for module in modules):
        yield "Conv1D"
    if any(module.node.kind == "MultiheadAttention" for module in modules):
        yield "torch's MultiheadAttention"
    if tree.output_embeddings:
        tied = any(name.startswith(f"{tree.output_embeddings}.") for name, _ in tree.ties)
        yield "output head tied" if tied else "output head not tied"
    yield "real widths" if spec.endswith("@real") else "tiny widths"
