"""What the PeftModelFor... classes add for a task_type, and what they ask of the model.

Source: PEFT 0.21.2 (older releases: releases.py), peft_model.py.
"""

from __future__ import annotations

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.module_graph import Module
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.trees.model import ModuleTree

HEADS = {
    "SEQ_CLS": ("classifier", "score"),
    "TOKEN_CLS": ("classifier", "score"),
    "QUESTION_ANS": ("qa_outputs",),
}
"""What PeftModelForX adds to modules_to_save; SEQ_CLS before the injection, the others after."""


ENCODER_ARGUMENTS_GONE = (5, 18)
"""transformers' GenerationMixin lost `_prepare_encoder_decoder_kwargs_for_generation` here."""


def check_generation(config: EffectiveConfig, tree: ModuleTree, task: str | None) -> None:
    """PeftModelForCausalLM and PeftModelForSeq2SeqLM take methods of the model for their own."""
    missing = None
    if task in ("CAUSAL_LM", "SEQ_2_SEQ_LM") and not tree.generates:
        missing, code = "prepare_inputs_for_generation", "no-generation"
    elif task == "SEQ_2_SEQ_LM" and not config.has(releases.SEQ2SEQ_ASKS_LESS):
        without = dict(tree.extra).get("without_generate")
        if without or _parse_version(tree.transformers) >= ENCODER_ARGUMENTS_GONE:
            missing, code = "_prepare_encoder_decoder_kwargs_for_generation", "missing-attribute"
    if missing is not None:
        name = (tree.cls or "").rpartition(".")[2]
        text = f"'{name}' object has no attribute '{missing}'"
        raise RefusedError(code, "AttributeError", text, "task_type")


def _parse_version(text: str | None) -> tuple[int, ...]:
    """Major and minor of a transformers version; nothing for none."""
    parts = (text or "").split(".")[:2]
    return tuple(int(part) for part in parts if part.isdecimal())


PREFIX = "base_model.model."
PEFT_MODEL = "PeftModel"


def wrap_in_peft_model(root: Module) -> Module:
    """The model inside a LoraModel inside a PeftModel."""
    tuner = Module("", "LoraModel", root.group)
    tuner.children["model"] = root
    peft = Module("", PEFT_MODEL, root.group)
    peft.children["base_model"] = tuner
    return peft
