"""A command that merges, converts or evaluates an adapter, and stops.

## What
A script runs `mergekit-yaml` without `--lora-merge-cache` on a file with `MODEL+LORA`;
`mlx_lm.fuse --export-gguf` on a family that it cannot write as GGUF; llama.cpp's
convert_hf_to_gguf.py on what `mlx_lm.fuse` has written of a quantised model; TensorRT-LLM's
hf_lora_convert.py with another type than the engine's; `lm_eval` with `peft=true`; or
`swift infer` or `deploy` with `--adapters` of a merged checkpoint.

## Why
mergekit raises RuntimeError ("Need to specify cache dir to merge adapters"). mlx-lm writes llama,
mistral and mixtral alone. A fused model stays quantised without `--dequantize`, and llama.cpp knows
no tensor for MLX's scales and biases. TensorRT-LLM asserts that LoRA weights have the model's type;
hf_lora_convert.py writes float16 where it is not told. `peft` of lm_eval is the adapter's folder,
no switch. A checkpoint that ms-swift has merged (`checkpoint-100-merged`) has no
adapter_config.json. Seen in arcee-ai/mergekit issue 442, ml-explore/mlx-lm issue 447,
ggml-org/llama.cpp issue 22431, ml-explore/mlx issue 887,
triton-inference-server/tensorrtllm_backend issue 791 and EleutherAI/lm-evaluation-harness issue
1696.

## Bad
```sh
mlx_lm.fuse --model mlx-community/Llama-3.2-1B-4bit --adapter-path lora
python llama.cpp/convert_hf_to_gguf.py fused_model --outfile fused.gguf
```

## Good
```sh
mlx_lm.fuse --model mlx-community/Llama-3.2-1B-4bit --adapter-path lora --dequantize
python llama.cpp/convert_hf_to_gguf.py fused_model --outfile fused.gguf
```

## Fix
Write the option that the finding names.

## Source
mergekit 0.1.4 `mergekit/common.py` (ModelReference.merged); mlx-lm 0.32.2 `mlx_lm/fuse.py` (main);
llama.cpp `conversion/base.py` (map_tensor_name); TensorRT-LLM 1.2 `cpp/tensorrt_llm/runtime/
loraUtils.cpp` (loraValidateRequestTensors), `examples/hf_lora_convert.py`; lm_eval 0.4.13
`lm_eval/models/huggingface.py` (peft); ms-swift 4.6.0 `swift/pipelines/export/merge_lora.py`.
"""

from __future__ import annotations

from loracheck.documents.shell.commands import find_command_documents
from loracheck.rules.support.conversion_commands import check_commands
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Hit

CODE = "LC733"
NAME = "conversion-stops"
SEVERITY = "error"

_WORDS = ("mergekit-yaml", "fuse", "hf_lora_convert", "peft=", "-merged")


def check(context: RuleContext) -> Iterator[Hit]:
    """The hits of the file; its first setting speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every command that stops."""
    if not any(word in document.source for word in _WORDS):
        return
    for script in find_command_documents(document):
        yield from check_commands(document, script)
