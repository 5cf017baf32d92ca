"""One case: a family's model under one config, measured and estimated."""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import peft
import torch

from loracheck.explain.file.training_run import TrainingRun
from loracheck.explain.numbers.activations import estimate_activations
from loracheck.plan import plan
from loracheck.trees.live import read_module

from .measure import measure
from .models import FAMILIES, FEW, WORDS, build, is_classifier

if TYPE_CHECKING:
    from collections.abc import Iterator


class Case(NamedTuple):
    """What a training step is measured with."""

    family: str
    length: int = 512
    every: bool = False
    """LoRA on all linear layers, instead of queries and values."""
    dropout: float = 0.0
    full: bool = False
    """Weights in float32, instead of bfloat16."""
    autocast: bool = False
    checkpointing: bool = False
    attention: str = "sdpa"

    @property
    def words(self) -> str:
        """The case in a line."""
        parts = [
            f"{self.family:<8}{self.length:>5}",
            "all-linear" if self.every else "q, v",
            f"dropout {self.dropout:g}",
            ("fp32" if self.full else "bf16") + (" autocast" if self.autocast else ""),
            "checkpointed" if self.checkpointing else "",
            self.attention,
        ]
        return "  ".join(filter(None, parts))


class Result(NamedTuple):
    """In bytes; `estimate` is None where loracheck says that it is not known."""

    case: Case
    measured: int
    """0 where there is no estimate to hold against it."""
    estimate: int | None

    @property
    def ratio(self) -> float | None:
        """Estimate over measurement."""
        return None if self.estimate is None else self.estimate / self.measured


def every_case(lengths: tuple[int, ...] = (512, 2048)) -> Iterator[Case]:
    """All cases of the table."""
    for family, length, wide, dropout, (full, auto), again, attention in itertools.product(
        FAMILIES,
        lengths,
        (False, True),
        (0.0, 0.05),
        ((False, False), (True, False), (True, True), (False, True)),
        (False, True),
        ("sdpa", "eager"),
    ):
        yield Case(family, length, wide, dropout, full, auto, again, attention)


def run(case: Case) -> Result:
    """Measure a case on the processor, and ask for the estimate."""
    torch.manual_seed(0)
    model = build(case.family, case.attention).to(torch.float32 if case.full else torch.bfloat16)
    tree = read_module(model)
    fields: dict[str, Any] = {
        "r": 8,
        "target_modules": "all-linear"
        if case.every
        else FEW.get(case.family, ["q_proj", "v_proj"]),
        "lora_dropout": case.dropout,
        "task_type": "SEQ_CLS" if is_classifier(case.family) else "CAUSAL_LM",
    }
    told = TrainingRun(
        1,
        case.length,
        case.checkpointing,
        full=case.full,
        autocast=case.autocast,
        eager=case.attention == "eager",
        fields_in_file=("sequence",),
    )
    found = estimate_activations(tree, told, plan(fields, tree), case.dropout)
    if isinstance(found, str):
        return Result(case, 0, None)
    wrapped = _prepare(model, peft.LoraConfig(**fields), case.checkpointing)
    ids = torch.randint(3, WORDS, (1, case.length))
    labels = torch.tensor([1]) if is_classifier(case.family) else ids
    measured = measure(wrapped, {"input_ids": ids, "labels": labels}, case.autocast)
    size = measured.peak if case.checkpointing else measured.saved
    return Result(case, size, found.kept)


def _prepare(model: Any, config: Any, checkpointing: bool) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrapped = peft.get_peft_model(model, config)
    wrapped.config.use_cache = False
    if checkpointing:
        # The other way works out a layer again under hooks of its own, which hide it from others.
        wrapped.gradient_checkpointing_enable({"use_reentrant": True})
        wrapped.enable_input_require_grads()
    wrapped.train()
    return wrapped
