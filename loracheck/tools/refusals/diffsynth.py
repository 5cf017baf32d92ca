"""What DiffSynth-Studio passes over (commit fed7b18)."""

from __future__ import annotations

from loracheck.tools.core.refusal import Refusal, matches

REFUSALS = (
    Refusal(
        (matches("lora_base_model", ","),),
        "LoRA goes on one part of a pipeline, and no part has this name",
        "name one part; the others can be trained in full with --trainable_models",
        "diffsynth/diffusion/training_module.py:314 (switch_pipe_to_training_mode)",
        effect="drops",
    ),
)
