"""Models whose own forward gives the decoder its text, so that it cannot be passed as an argument.

Source: PEFT 0.21.2 `peft_model.py` (the `forward` of each PeftModelFor...), executed with
transformers 5.23.0 on tiny models.
"""

from __future__ import annotations

DECODER_INPUTS = {
    "whisper": "input_ids",
    "speech_to_text": "input_ids",
    "blip": "inputs_embeds",
}
"""Model type to the argument that its decoder gets from the model itself."""

OWN_CODE = {"InternVLChatModel": "inputs_embeds"}
"""Class whose code comes with its checkpoints, to the argument of PEFT's that its forward lacks.

Source: OpenGVLab/InternVL `internvl_chat/internvl/model/internvl_chat/modeling_internvl_chat.py`
(`InternVLChatModel.forward`), commit 0328579.
"""
