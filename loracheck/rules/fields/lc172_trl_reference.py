"""A reference model that TRL does not take beside an adapter, or has no use for.

## What
One of TRL's trainers is given an adapter, and

- `sync_ref_model=True` in its config;
- a `ref_model` beside `peft_config`, in DPOTrainer;
- for DPOTrainer no reference, and an adapter with `target_parameters` under a PEFT before 0.20.

## Why
The reference of a model with an adapter is the same model without it, or a copy of its adapter, so
there is nothing to synchronise: `sync_ref_model=True` ends in NotImplementedError (in GRPOTrainer
and RLOOTrainer before TRL 0.29 nothing is synchronised). A `ref_model` beside `peft_config` ends in
ValueError, "You passed both a ref_model and a peft_config", before TRL 0.29; since then it is a
second copy of the base model in memory, for the same logits. The copy of an adapter with
`target_parameters` is a second one, which PEFT before 0.20 refuses. Seen in
huggingface/alignment-handbook pull request 224, huggingface/trl pull request 6975 and
huggingface/trl issue 5222; with a copy of the model in shibing624/MedicalGPT issue 334.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import DPOConfig, DPOTrainer
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
reference = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
trainer = DPOTrainer(model, reference, args=DPOConfig("out"), peft_config=config)
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import DPOConfig, DPOTrainer
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
trainer = DPOTrainer(model, args=DPOConfig("out"), peft_config=config)
```

## Fix
Leave `ref_model` and `sync_ref_model` out.

## Source
TRL 1.16.0 `trainer/dpo_trainer.py` (lines 666 and 992), `grpo_trainer.py` (line 1198),
`kto_trainer.py`, `rloo_trainer.py`; TRL 0.28.0 `dpo_trainer.py` and 0.24.0 `grpo_trainer.py`.
"""

from __future__ import annotations

from loracheck.plan.config.releases import parse_release
from loracheck.rules.support.script_adapters import find_config_call, get_literal
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    makes_adapter,
    read_calls,
)
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

CODE = "LC172"
NAME = "trl-reference"
SEVERITY = "error"

_SYNCS = frozenset(f"trl.{name}Trainer" for name in ("DPO", "GRPO", "KTO", "RLOO"))
_REFUSES_SINCE = "0.29.0"
"""TRL that says of `sync_ref_model` that it is not supported, and takes `ref_model` beside a
config.
"""

_ONE_SINCE, _SAME_SINCE = (0, 17, 1), (0, 20)
"""PEFT releases from which one adapter, and several of the same names, may have parameters."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    script = read_calls(context.document, "Trainer(", "trl") if context.first else None
    for use in script.uses if script is not None else ():
        if script is None or use.fails or use.name not in _SYNCS:
            continue
        yield from _check_synchronized(context.document, script, use)
        if use.name == "trl.DPOTrainer":
            yield from _check_second_model(context.document, script, use)
            yield from _check_copied_adapter(context, script, use)


def _check_synchronized(document: Document, script: Script, use: Use) -> Iterator[Hit]:
    """A reference that is to follow a model with an adapter."""
    config = find_source_call(script, use.arguments.get("args", use.arguments.get(2)))
    if config is None or get_literal(config, "sync_ref_model") is not True:
        return
    model = find_source_call(script, get_model_argument(use))
    if not _gets_config(script, use) and (model is None or not makes_adapter(model)):
        return
    old = is_older(document, "trl", _REFUSES_SINCE)
    if old and "ref_model" in use.arguments:
        return  # with force_use_ref_model it is a model of its own
    silent = old and use.name in ("trl.GRPOTrainer", "trl.RLOOTrainer")
    yield Hit(
        f"`sync_ref_model=True` {'does nothing' if silent else 'is refused'} where {use.last} "
        "trains an adapter: its reference is the model without the adapter",
        get_call_span(document, config),
        help="take sync_ref_model out, or train without an adapter",
        spans=((get_call_span(document, use), "the trainer"),),
        severity="warning" if silent else None,
    )


def _check_second_model(document: Document, script: Script, use: Use) -> Iterator[Hit]:
    """A reference model beside the config of an adapter."""
    reference = _find_copied_load(script, use.arguments.get("ref_model", use.arguments.get(1)))
    model = find_bare_load(script, get_model_argument(use))
    if reference is None or not _gets_config(script, use):
        return
    if "force_use_ref_model" in document.source:
        return
    severity: Severity | None = None
    if is_older(document, "trl", _REFUSES_SINCE):
        message = "TRL before 0.29 refuses `ref_model` beside `peft_config`"
    elif model is not None and _load_the_same(model, reference):
        message = "`ref_model` is a second copy of the base model, which is its own reference"
        severity = "note"
    else:
        return
    yield Hit(
        message,
        get_call_span(document, use),
        help="leave ref_model out: TRL computes the reference without the adapter",
        notes=("TRL before 0.29 refuses the two together: ValueError",) if severity else (),
        spans=((get_call_span(document, reference), "the reference is loaded here"),),
        severity=severity,
    )


def _find_copied_load(script: Script, operand: Operand | None) -> Use | None:
    """The call that loaded a reference without an adapter, or the model that it is a copy of."""
    source = find_source_call(script, operand)
    if source is not None and source.name.endswith("trl.create_reference_model"):
        operand = get_model_argument(source)
    return find_bare_load(script, operand)


def _check_copied_adapter(context: RuleContext, script: Script, use: Use) -> Iterator[Hit]:
    """A DPOTrainer that would copy an adapter with `target_parameters` for its reference."""
    if not _ONE_SINCE <= parse_release(context.peft) < _SAME_SINCE:
        return
    reference = use.arguments.get("ref_model", use.arguments.get(1))
    maker = find_source_call(script, get_model_argument(use))
    if not use.complete or maker is None or "peft_config" in use.arguments:
        return
    if reference is not None and (reference.value is not None or reference.name):
        return
    config = find_config_call(script, maker) if makes_adapter(maker) else None
    if config is not None and get_literal(config, "target_parameters"):
        severity: Severity = "warning" if is_older(context.document, "trl", "1.0.0") else "note"
        yield Hit(
            "DPOTrainer copies the adapter for its reference, which PEFT before 0.20 refuses "
            "beside `target_parameters`; TRL 1.16 takes the base model for it",
            get_call_span(context.document, use),
            help="use PEFT 0.20 or newer, or give DPOTrainer the plain model and peft_config",
            spans=((get_call_span(context.document, maker), "the adapter is put on here"),),
            severity=severity,
        )


def _gets_config(script: Script, use: Use) -> bool:
    """Whether a trainer is given the config of an adapter, for certain."""
    config = find_source_call(script, use.arguments.get("peft_config"))
    return config is not None and config.last.endswith("Config")


def _load_the_same(one: Use, other: Use) -> bool:
    """Whether two calls load one checkpoint, by a literal or by the same variable."""
    first, second = (
        load.arguments.get("pretrained_model_name_or_path", load.arguments.get(0))
        for load in (one, other)
    )
    if first is None or second is None:
        return False
    literal = isinstance(first.value, str) and first.value == second.value
    return literal or bool(first.name and first.name == second.name and one.scope == other.scope)
