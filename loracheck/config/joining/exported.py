"""What llama.cpp's `llama-export-lora` makes of several adapters in one call.

It takes the adapters that have the same list of tensors as the first one, and stops at others
(ggml-org/llama.cpp `tools/export-lora/export-lora.cpp`, `run_merge`, "Input adapters do not have
the same list of tensors"; read in the copy of llama-cpp-python 0.3.36). A GGUF adapter has two
tensors for each module with LoRA (`convert_lora_to_gguf.py`).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .adapter import Adapter, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def check_exported(adapters: Sequence[Adapter]) -> Iterator[Trouble]:
    """The first adapter whose modules are others than those of the first, which are known."""
    first = adapters[0] if adapters else None
    if first is None or not first.ranks:
        return
    for other in adapters[1:]:
        apart = sorted(first.ranks.keys() ^ other.ranks.keys()) if other.ranks else []
        if apart:
            owner = first if apart[0] in first.ranks else other
            yield Trouble(
                "raises",
                "all adapters of one call must have the same tensors: of "
                f"`{first.name}` and `{other.name}` only `{owner.name}` has LoRA on `{apart[0]}`",
                "merge them one by one: each call on what the last one wrote",
            )
            return
