"""Packages that the child must not see.

What is compiled against real torch breaks on the stand-in, and what transformers imports only
because it is there costs seconds; no constructor needs either. Left visible are those that
constructors do need and that do without torch (scipy for matching, PIL).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

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
av cv2 datasets decord essentia flax gguf google.colab IPython jax jinja2 keras librosa matplotlib
mistral_common nltk onnx onnxruntime optax pandas phonemizer pretty_midi psutil pyctcdecode pytest
rjieba sagemaker sklearn soundfile soxr sudachipy tensorboard tensorflow tensorflow_text tf2onnx
wandb
"""
SLOW_TO_IMPORT = frozenset(_SLOW_TO_IMPORT.split())
_BESIDE = {"diffusers": frozenset({"transformers"})}
"""Library -> what its models do without, and would import. diffusers takes transformers for text
encoders, which are built by themselves; of its models only a VAE (AutoencoderRAE) needs it.
"""


class HidingFinder:
    """A finder of modules that does not find the packages of `hidden`."""

    def __init__(self, finder: Any, hidden: frozenset[str]) -> None:
        self._finder = finder
        self._hidden = hidden

    def find_spec(self, name: str, path: Any = None, target: object = None) -> ModuleSpec | None:
        """None for a hidden package, so that it seems not to be installed."""
        if name.partition(".")[0] in self._hidden:
            return None
        spec: ModuleSpec | None = self._finder.find_spec(name, path, target)
        return spec

    def __getattr__(self, name: str) -> Any:
        """Whatever else a finder can do, finding metadata among it."""
        return getattr(self._finder, name)


def hide(library: str = "transformers") -> None:
    """Make every finder hide the packages above, those of editable installs too, and what the
    library that builds does without.
    """
    hidden = NEEDS_TORCH | SLOW_TO_IMPORT | _BESIDE.get(library, frozenset())
    sys.meta_path[:] = [HidingFinder(finder, hidden) for finder in sys.meta_path]
