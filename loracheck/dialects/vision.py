"""The names of vision, audio and projector modules, which several tools leave out of `all`."""

from __future__ import annotations

TOWERS = (
    r"visual\.(?!merger)",
    "vision_tower",
    "vision_model",
    "vision_encoder",
    "vision_embed",
    "audio_tower",
    r"vpm\.",
    r"apm\.",
    r"patch_embed\.",
    "patch_embedding",
)
"""Ends of the paths below which a vision-language model's towers lie: vision_model_keys of
LLaMA-Factory's model/model_utils/visual.py, August 2026, and the model_arch table of ms-swift.
"""

PROJECTORS = (
    "multi_modal_projector",
    r"mm_projector\.",
    r"visual\.merger",
    r"visual\.deepstack_merger_list",
    "embed_vision",
    "embed_audio",
    r"mlp_AR\.",
    r"resampler\.",
    r"audio_tower\.proj",
    r"connector\.modality_projection",
)
"""The same for the projectors between tower and language model."""


def outside(*, towers: bool, projectors: bool) -> str | None:
    """An `exclude_modules` that leaves the parts out; None where neither is asked for."""
    parts = (TOWERS if towers else ()) + (PROJECTORS if projectors else ())
    return rf"(?:.*\.)?(?:{'|'.join(parts)}).*" if parts else None
