"""Packages that the child must not see.

What is compiled against real torch breaks on the stand-in, and what transformers imports only
because it is there costs seconds; no constructor needs either. Left visible are those that
constructors do need and that do without torch (scipy for matching, PIL).
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEEDS_TORCH = """
accelerate apex aqlm auto_gptq autoawq awq bitsandbytes causal_conv1d colpali_engine
compressed_tensors deepspeed detectron2 eetq fast_hadamard_transform faster_whisper fbgemm_gpu
flash_attn flash_attn_2 flash_attn_3 flash_attn_interface flash_linear_attention fla fouroversix
gptqmodel hqq kernels kornia liger_kernel mamba_ssm mlx natten optimum peft pytorch_quantization
quanto qutlass schedulefree sentence_transformers timm torch_npu torch_xla torchao torchaudio
torchcodec torchdistx torchvision triton trl tokenspeed unsloth vllm vptq xformers xlstm
"""
NEEDS_TORCH = frozenset(_NEEDS_TORCH.split())
_SLOW_TO_IMPORT = """
av cv2 datasets decord essentia flax gguf google.colab IPython jax keras librosa matplotlib
mistral_common nltk onnx onnxruntime optax pandas phonemizer pretty_midi pyctcdecode pytest
rjieba sagemaker sklearn soundfile soxr sudachipy tensorboard tensorflow tensorflow_text tf2onnx
wandb
"""
SLOW_TO_IMPORT = frozenset(_SLOW_TO_IMPORT.split())
_HIDDEN = NEEDS_TORCH | SLOW_TO_IMPORT


class Blinkered(PathFinder):
    """The finder of ordinary modules, blind to the packages above."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """None for a hidden package, so that it seems not to be installed."""
        if fullname.partition(".")[0] in _HIDDEN:
            return None
        return super().find_spec(fullname, path, None)


def hide() -> None:
    """Replace the finder of ordinary modules, and put finders of editable installs behind it to no
    effect.
    """
    sys.meta_path[:] = [Blinkered if finder is PathFinder else finder for finder in sys.meta_path]
