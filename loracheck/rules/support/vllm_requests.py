"""The requests for an adapter that vLLM refuses, or does not see, in a Python program. In comes a
document, out come hits.

vLLM 0.33.0 `vllm/lora/request.py` (LoRARequest.__post_init__), `vllm/v1/engine/input_processor.py`
(`_validate_lora`: "Got lora_request ... but LoRA is not enabled!"); the same checks stand in 0.4.3
`vllm/lora/request.py` and `vllm/engine/llm_engine.py`; `vllm/lora/worker_manager.py`
(`_apply_adapters`: an adapter whose number is there already is not loaded), `vllm/lora/utils.py`
(get_adapter_absolute_path), `vllm/entrypoints/llm.py` (generate takes lora_request by name,
chat as the fourth argument), `vllm/engine/arg_utils.py` (EngineArgs, which `LLM(**kwargs)` makes).
0.6.3 to 0.12.0 `vllm/lora/request.py` for lora_local_path, which 0.16.0 does not have.
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.support.vllm_request_arguments import check_request_arguments
from loracheck.rules.types import Hit
from loracheck.tools.core.lora_options import find_unknown_options
from loracheck.tools.core.server_command import ENGINES
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use

_REQUESTED = (
    *("lora_modules", "lora_request", "lora_requests", "lora_path", "lora_paths"),
    *("lora_adapters", "lora_adapter", "lora_local_path", "lora", "lora_weights"),
)
"""Arguments by which an adapter is meant to be given to the engine itself."""

_HAND_ON = (
    "leave it out, with enable_lora=True, and give generate() the adapter: "
    "lora_request=LoRARequest(NAME, 1, PATH)"
)

_ASKS = frozenset({"generate", "chat", "encode", "embed", "classify", "score", "add_request"})
"""Methods that take `lora_request`."""


def check_requests(document: Document) -> Iterator[Hit]:
    """One hit for a request without a number, and for an engine that was made without LoRA."""
    yield from _check_engine_arguments(document)
    script = read_calls(document, "LoRARequest", "vllm")
    if script is None:
        return
    yield from check_request_arguments(document, script)
    for request in script.by_name.get("LoRARequest", ()):
        number = request.arguments.get("lora_int_id", request.arguments.get(1))
        value = number.value if number is not None else None
        if type(value) is int and value < 1 and not request.fails:
            yield Hit(
                f"a LoRARequest with the number {value}: vLLM raises ValueError (id must be > 0)",
                get_call_span(document, request),
                help="count the adapters from 1, each with a number of its own",
            )
    yield from _check_engines(document, script)


def _check_engine_arguments(document: Document) -> Iterator[Hit]:
    """Arguments about LoRA that vLLM's engines do not have."""
    script = read_calls(document, "lora", "vllm")
    uses = [use for name in ENGINES for use in script.by_name.get(name, ())] if script else []
    for use in uses:
        if not use.name.startswith("vllm") or use.fails:
            continue
        names = [name.replace("_", "-") for name in use.arguments if isinstance(name, str)]
        for one in find_unknown_options("vllm", names, usual_only=False, shortened=False):
            name = one.name.replace("-", "_")
            yield Hit(
                f"{use.last} has no argument {name}: TypeError",
                get_call_span(document, use),
                help=_HAND_ON if name in _REQUESTED else _suggest(one.meant),
            )


def _suggest(meant: str) -> str:
    return f"write {meant.replace('-', '_')}" if meant else "leave it out"


def _check_engines(document: Document, script: Script) -> Iterator[Hit]:
    """The one engine of a file that is asked for an adapter and has no LoRA."""
    engines = [
        use
        for name in ENGINES
        for use in script.by_name.get(name, ())
        if use.name.startswith("vllm") and not use.fails
    ]
    if len(engines) != 1 or not _has_no_lora(engines[0]):
        return
    if any(_asks(use, script) for use in script.uses):
        yield Hit(
            "the engine is made without enable_lora=True and asked for an adapter: vLLM raises "
            "ValueError (LoRA is not enabled)",
            get_call_span(document, engines[0]),
            help="add enable_lora=True, and max_lora_rank where the adapter's rank is above 16",
        )


def _has_no_lora(engine: Use) -> bool:
    given = engine.arguments.get("enable_lora")
    return engine.complete and (given is None or given.value is False)


def _asks(use: Use, script: Script) -> bool:
    """Whether a call certainly hands on a LoRARequest."""
    request = use.arguments.get("lora_request")
    if use.last not in _ASKS or request is None or use.fails or request.call_number < 0:
        return False
    return script.uses[request.call_number].last == "LoRARequest"
