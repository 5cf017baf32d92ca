"""A server that does not start with its LoRA options, or does not see an adapter.

## What
vLLM or SGLang is started, by a script, a notebook's cell, a compose file, a manifest or
`LLM(enable_lora=True)`, with options for LoRA that it refuses: a `--max-lora-rank` that is none of
vLLM's, fewer `--max-cpu-loras` than `--max-loras`, fewer `--max-loaded-loras` than
`--max-loras-per-batch` or than adapters, a rank that `--fully-sharded-loras` cannot divide among
the GPUs, another engine's name for the adapters (`--lora-path` for vLLM's `--lora-modules`), an
adapter without a name, several in one word or in brackets, `--lora-modules` without
`--enable-lora`, `--num-scheduler-steps` beside it, SGLang's caches in a release that cannot have
adapters beside them. Or a program hands an engine without LoRA a `LoRARequest`, or one with the
number 0, for a path of pathlib, under names that it does not have, or with the number of another
adapter; or hands it on where `generate` does not take it, or to no call at all. Or `--lora-modules`
stands a second time, an adapter has the name of the served model or of another adapter, the server
is one without adapters' names (`vllm.entrypoints.api_server`), or SGLang is told neither the
adapters nor their rank and modules. Or
text-generation-inference is given a folder without a name, or adapters with USE_FLASH_ATTENTION
switched off; or LMDeploy adapters without `--backend pytorch`; or a container an adapter under the
host's path in the place of its own.

## Why
The server ends before it has loaded the model, or with the first adapter: vLLM's argument has a
list of choices, `--lora-modules` takes NAME=PATH or an object of JSON, each in a word of its own,
and the rest are checks of the two engines' configs. Seen in vllm-project/vllm issues 13669, 30690,
15036, 13394, 9688, 2909 and 7286, sgl-project/sglang issue 1921 and
huggingface/text-generation-inference issues 2253 and 2400, and InternLM/lmdeploy
issue 4105.

## Bad
```sh
vllm serve Qwen/Qwen2.5-7B --enable-lora --max-lora-rank 48 --lora-modules style=./style
```

## Good
```sh
vllm serve Qwen/Qwen2.5-7B --enable-lora --max-lora-rank 64 --lora-modules style=./style
```

## Fix
Write the next rank above, which costs memory and nothing else, and at least as many places as the
help says.

## Source
vLLM 0.33.0 `vllm/config/lora.py` (MaxLoRARanks, `_validate_lora_config`),
`vllm/lora/layers/base_linear.py` (divide); SGLang `python/sglang/srt/server_args.py`
(`check_lora_server_args`: max_loaded_loras, lora_paths); vLLM `vllm/utils/argparse_utils.py`
(FlexibleArgumentParser), `vllm/entrypoints/common/cli_args.py` (LoRAParserAction),
`vllm/v1/worker/lora_model_runner_mixin.py` (`_ensure_lora_enabled`),
`vllm/v1/engine/input_processor.py` (`_validate_lora`), `vllm/lora/request.py`,
`vllm/lora/worker_manager.py` (add_adapter), `vllm/entrypoints/openai/models/serving.py`
(`_check_load_lora_adapter_request`); vLLM 0.6.3 to 0.9.2
`vllm/worker/multi_step_model_runner.py` (an assertion that there are no lora_requests), 0.4.3 to
0.11.2 `vllm/config` (lora_extra_vocab_size); SGLang 0.3.4 to 0.4.10 `server_args.py`
("compatibility of lora and cuda graph and radix attention is in progress");
text-generation-inference 2.1.1 to 3.3.7 `launcher/src/main.rs` (lora_adapters),
`server/text_generation_server/utils/adapter.py` (load_module_map), `utils/hub.py`
(_cached_weight_files), `models/__init__.py` (CausalLM.fallback);
LMDeploy 0.16.0 `lmdeploy/cli/serve.py`, `lmdeploy/archs.py` (autoget_backend).
"""

from __future__ import annotations

from loracheck.rules.support.container_folders import check_container
from loracheck.rules.support.lmdeploy_options import check_lmdeploy
from loracheck.rules.support.server_adapters import check_adapter_options
from loracheck.rules.support.sglang_options import check_sglang
from loracheck.rules.support.tgi_options import check_tgi
from loracheck.rules.support.vllm_options import check_vllm
from loracheck.rules.support.vllm_requests import check_requests
from loracheck.rules.types import Hit
from loracheck.tools.core.server_options import find_server_options
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC718"
NAME = "server-refuses-options"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """The hits of the file; its first setting speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every option that a server of the file refuses."""
    for server in find_server_options(document):
        yield from check_adapter_options(server)
        yield from check_container(server)
        if server.engine == "vllm":
            yield from check_vllm(server)
        elif server.engine == "sglang":
            yield from check_sglang(server)
        elif server.engine == "tgi":
            yield from check_tgi(server)
        elif server.engine == "lmdeploy":
            yield from check_lmdeploy(server)
    yield from check_requests(document)
