"""The names of vision, audio and projector modules, which several tools leave out of `all`."""

from __future__ import annotations

TOWERS = (
    r"visual\.(?!merger|deepstack_merger_list)",
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
LLaMA-Factory's model/model_utils/visual.py (0.9.5), and the model_arch table of ms-swift (4.6.0).
"""

PROJECTORS = (
    "multi_modal_projector",
    r"mm_projector\.",
    r"visual\.merger",
    "embed_vision",
    "embed_audio",
    r"mlp_AR\.",
    r"resampler\.",
    r"audio_tower\.proj",
    r"connector\.modality_projection",
    r"model\.merger\.",
)
"""The same for the projectors between tower and language model."""

DEEPSTACK = r"visual\.deepstack_merger_list"
"""Qwen3-VL's further mergers: part of the tower for LLaMA-Factory, projectors for ms-swift."""

LANGUAGE = ("language_model", "lm_head")
"""The language model of one with a tower: the default language_model_keys of LLaMA-Factory's
model/model_utils/visual.py (0.9.5).
"""

ROUTERS = r"feed_forward\.router"
"""Llama 4's routers: a subclass of Linear, but both tools look for the word in the class name."""


def build_exclude_pattern(
    *, towers: bool, projectors: bool, others: tuple[str, ...] = ()
) -> str | None:
    """An `exclude_modules` that leaves the parts out; None where none is asked for."""
    parts = (TOWERS if towers else ()) + (PROJECTORS if projectors else ()) + others
    return rf"(?:.*\.)?(?:{'|'.join(parts)}).*" if parts else None
