"""A rank that the engine does not take which the same script starts.

## What
Unsloth's `from_pretrained(..., fast_inference=True)` starts vLLM with `max_lora_rank` (64 if it is
left out), and `get_peft_model` asks for a higher `r`. EasyR1, and verl before 0.6.1 (where the
script or the project's pins say so), start vLLM with `max_lora_rank` set to the adapter's rank, and
vLLM takes certain ranks only: 8, 16, 32, 64 and so on, since 0.11.1 also 1.

## Why
vLLM holds room for that rank and refuses the adapter at the first `fast_generate`, in a GRPO run
after the model was loaded and the first batch made. A `max_lora_rank` that it does not know keeps
it from starting. Seen in unslothai/unsloth issue 2097 and verl-project/verl issue 3696.

## Bad
```python
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained(
    "Qwen/Qwen2.5-7B-Instruct", load_in_4bit=True, fast_inference=True, max_lora_rank=16)
model = FastLanguageModel.get_peft_model(model, r=32, lora_alpha=32)
```

## Good
```python
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained(
    "Qwen/Qwen2.5-7B-Instruct", load_in_4bit=True, fast_inference=True, max_lora_rank=32)
model = FastLanguageModel.get_peft_model(model, r=32, lora_alpha=32)
```

## Fix
Give `max_lora_rank` the value of `r`; with an older verl train with a rank that vLLM takes.

## Source
Unsloth `unsloth/models/loader.py` (max_lora_rank); vLLM `vllm/lora/peft_helper.py`
(`validate_legal`) and
`vllm/config/lora.py` (`MaxLoRARanks`); verl 0.6.0 and 0.6.1
`workers/rollout/vllm_rollout/vllm_rollout_spmd.py`; EasyR1 commit b44b311
`verl/workers/fsdp_workers.py` (`_build_rollout`).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC713"
NAME = "rank-above-served"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the rank."""
    yield from _check_handed_on(context)
    rank, limit = context.value("r"), context.setting.behaviour.served_rank
    if limit is not None and type(rank) is int and rank > limit:
        yield Hit(
            f"fast_inference starts vLLM with max_lora_rank {limit}, and an adapter of rank {rank} "
            "is refused",
            context.place("r"),
            help=f"set max_lora_rank={rank} in from_pretrained",
            field="r",
        )


def _check_handed_on(context: RuleContext) -> Iterator[Hit]:
    """A rank that an older library gives vLLM as it is, which takes certain ones only."""
    rank, handed_rank = context.value("r"), context.setting.behaviour.rank_handed_on
    if handed_rank is None or type(rank) is not int or rank < 1:
        return
    (library, release), document = handed_rank, context.document
    # What follows has to be known of next to no file.
    from loracheck.engines import parse_engine
    from loracheck.rules.support.script_releases import is_older

    few = is_older(document, "vllm", "0.11.1")
    ranks = parse_engine("vllm==0.11.0" if few else "vllm").ranks
    steps = ranks.steps if ranks is not None else ()
    above = next((step for step in steps if step >= rank), None)
    if above in (None, rank) or (release and not _is_older(document, library, release)):
        return
    newer = f", or use {library} {release} or newer, which starts vLLM with {above}"
    yield Hit(
        f"{library}{f' before {release}' if release else ''} starts vLLM with max_lora_rank {rank}"
        f", and vLLM takes only {', '.join(map(str, steps))}",
        context.place("r"),
        help=f"write {above}{newer if release else ''}",
        field="r",
    )


def _is_older(document: Document, library: str, release: str) -> bool:
    """Whether the file, or the project's pins, say that an older release of a library is used."""
    from loracheck.releases.pin_checks import is_pinned_below
    from loracheck.rules.support.script_releases import is_older

    return is_older(document, library, release) or is_pinned_below(library, document, release)
