"""The options about LoRA that the servers' command lines have, by release.

vLLM 0.4.3 to 0.33.0 `vllm/engine/arg_utils.py` and `vllm/entrypoints/openai/cli_args.py`
(`vllm/entrypoints/common/cli_args.py` since 0.29); SGLang 0.3.4 to 0.5.23
`python/sglang/srt/server_args.py` and `arg_groups/fields/lora.py`. argparse takes the beginning of
an option's name for the option.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REMOVED = {
    "vllm": {
        "lora-extra-vocab-size": "0.12.0",
        "long-lora-scaling-factors": "0.10.0",
        "enable-lora-bias": "0.11.1",
        "qlora-adapter-name-or-path": "0.10.0",
    },
}
"""Engine -> an option, and the first release that is known to be without it."""

KNOWN = {
    "vllm": (
        *("enable-lora", "no-enable-lora", "lora-modules", "max-loras", "max-lora-rank"),
        *("lora-dtype", "max-cpu-loras", "fully-sharded-loras", "no-fully-sharded-loras"),
        *("default-mm-loras", "lora-target-modules", "max-lora-cls-labels"),
        *("enable-tower-connector-lora", "no-enable-tower-connector-lora"),
        *("specialize-active-lora", "no-specialize-active-lora"),
        *("enable-mixed-moe-lora-format", "no-enable-mixed-moe-lora-format"),
        *("enable-moe-shared-loras", "no-enable-moe-shared-loras"),
        *REMOVED["vllm"],
    ),
    "sglang": (
        *("enable-lora", "enable-lora-overlap-loading", "max-lora-rank", "lora-target-modules"),
        *("lora-paths", "max-loaded-loras", "max-loras-per-batch", "lora-eviction-policy"),
        *("lora-backend", "max-lora-chunk-size", "lora-use-virtual-experts"),
        *("experts-shared-outer-loras", "no-experts-shared-outer-loras", "uno-lora-path"),
        *("lora-strict-loading", "no-lora-strict-loading", "lora-drain-wait-threshold"),
    ),
}
"""Engine -> all options about LoRA that one of its releases has."""

ENGINE_ARGUMENTS = frozenset(KNOWN["vllm"]) - {"lora-modules"}
"""What vLLM's engines take of it as arguments (EngineArgs): the adapters come with the requests."""

_USUAL = {
    "vllm": {
        **dict.fromkeys(
            ("lora-path", "lora-paths", "lora-adapters", "lora-adapter", "lora", "lora-weights"),
            "lora-modules",
        ),
        **dict.fromkeys(("lora-rank", "lora-r", "lora-max-rank", "max-rank-lora"), "max-lora-rank"),
    },
    "sglang": {
        **dict.fromkeys(
            ("lora-modules", "lora-adapters", "lora-adapter", "lora", "lora-weights"), "lora-paths"
        ),
        **dict.fromkeys(("lora-rank", "lora-r", "lora-max-rank"), "max-lora-rank"),
    },
}
"""What is often written -> the engine's own option."""


class UnknownOption(NamedTuple):
    """An option that an engine does not have, and the one that was meant ("": not known)."""

    name: str
    meant: str


def find_unknown_options(
    engine: str, names: list[str], usual_only: bool, shortened: bool = True
) -> Iterator[UnknownOption]:
    """Those of the options (without the leading dashes) that speak of LoRA and that no release of
    the engine has, nor, where `shortened`, takes for the beginning of another one's name; with
    `usual_only` those alone that are often written.
    """
    known = KNOWN.get(engine, ()) if shortened else ENGINE_ARGUMENTS
    for name in names if known else ():
        taken = any(one.startswith(name) for one in known) if shortened else name in known
        if "lora" not in name or taken:
            continue
        if not usual_only or name in _USUAL[engine]:
            yield UnknownOption(name, _find_meant(engine, name))


def _find_meant(engine: str, name: str) -> str:
    usual = _USUAL[engine].get(name)
    if usual is not None:
        return usual
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, KNOWN[engine], 1, 0.7)), "")
