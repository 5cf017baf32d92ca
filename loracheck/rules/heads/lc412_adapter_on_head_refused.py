"""An adapter on the output head of a model that TRL trains.

## What
A LoraConfig whose targets reach the model's output head (`lm_head`), and a trainer of TRL that
trains the adapter: SFTTrainer, DPOTrainer, GRPOTrainer, KTOTrainer, RLOOTrainer or
DistillationTrainer.

## Why
These trainers multiply the hidden states by `lm_head.weight` themselves, which is the frozen weight
below the adapter: the adapter on the head would get no gradient. TRL 1.15 and newer stop with
ValueError, "Applying a PEFT adapter to `lm_head` is not supported". Before it was refused with
`use_liger_kernel=True` alone, in GRPOTrainer since TRL 1.7, in DPOTrainer and KTOTrainer since 1.8,
and an older GRPOTrainer with it trains on with a head that learns nothing. Seen in huggingface/trl
issue 4612, and pull requests 5977 and 6277.

## Bad
```python
from peft import LoraConfig
from trl import GRPOConfig, GRPOTrainer
config = LoraConfig(r=16, target_modules=["q_proj", "v_proj", "lm_head"], task_type="CAUSAL_LM")
trainer = GRPOTrainer("Qwen/Qwen2.5-7B", [len], args=GRPOConfig("out"), peft_config=config)
```

## Good
```python
from peft import LoraConfig
from trl import GRPOConfig, GRPOTrainer
config = LoraConfig(r=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
trainer = GRPOTrainer("Qwen/Qwen2.5-7B", [len], args=GRPOConfig("out"), peft_config=config)
```

## Fix
Take the head out of `target_modules`, or train it in full with `modules_to_save`.

## Source
TRL 1.16.0 `trainer/sft_trainer.py` (line 1069), `dpo_trainer.py` (838), `grpo_trainer.py` (839),
`kto_trainer.py` (851), `rloo_trainer.py` (628), `distillation_trainer.py` (586); TRL 1.14.0
`grpo_trainer.py` (815), `dpo_trainer.py` (829), `kto_trainer.py` (843).
"""

from __future__ import annotations

from loracheck.releases.pin_checks import is_pinned_within
from loracheck.rules.support.accepted_plan import find_names_plan
from loracheck.rules.support.script_adapters import get_literal
from loracheck.rules.support.script_calls import (
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

    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

CODE = "LC412"
NAME = "adapter-on-head-refused"
SEVERITY = "error"

_TRAINERS = frozenset(
    f"trl.{name}Trainer" for name in ("SFT", "DPO", "GRPO", "KTO", "RLOO", "Distillation")
)
_SINCE = "1.15.0"
"""The first TRL whose trainers refuse it, whatever their config says."""

_LIGER_SINCE = {"trl.GRPOTrainer": "1.7.0", "trl.DPOTrainer": "1.8.0", "trl.KTOTrainer": "1.8.0"}
"""The first TRL with a trainer that refuses it with `use_liger_kernel=True`."""

_CLASSIFIERS = ("SEQ_CLS", "TOKEN_CLS")
"""Tasks whose models have no output embeddings."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the setting's adapter is on the head and a trainer of TRL gets it."""
    script = read_calls(context.document, "Trainer(", "trl")
    head = _find_head(context) if script is not None else None
    if script is None or head is None:
        return
    trainer = _find_trainer(context, script)
    if trainer is None or _is_replaced(context.document.text):
        return
    name, entry = head
    certain = is_pinned_within("trl", context.document, f">={_SINCE}")
    severity: Severity | None = None if certain else "warning"
    message = f"{trainer.last} of TRL refuses an adapter on `{name}`: ValueError"
    if is_older(context.document, "trl", _SINCE):
        since = _LIGER_SINCE.get(trainer.name)
        if since is None or not _uses_liger(script, trainer):
            return
        severity = None
        if is_older(context.document, "trl", since):
            severity = "warning"
            message = (
                f"the adapter on `{name}` gets no gradient: Liger's loss reads the frozen head"
            )
    yield Hit(
        message,
        context.entry_place("target_modules", entry),
        help=f"take {name} out of target_modules, or train it in full with modules_to_save",
        field="target_modules",
        notes=("TRL refuses it since 1.15; some older releases train a head that learns nothing",),
        spans=((get_call_span(context.document, trainer), "the trainer"),),
        severity=severity,
    )


def _find_head(context: RuleContext) -> tuple[str, str] | None:
    """The output head that the targets reach, and the entry that does; by the usual name where the
    model is not known.
    """
    plan_and_tree = find_names_plan(context)
    if plan_and_tree is not None:
        plan, tree = plan_and_tree
        for wrapped in plan.wrapped:
            if wrapped.group.name == tree.output_embeddings and wrapped.parameter is None:
                return wrapped.group.name, next(iter(wrapped.entries), "")
        return None
    targets = context.value("target_modules")
    named = isinstance(targets, (list, tuple, set)) and "lm_head" in targets
    if context.tree is not None or not named or context.value("task_type") in _CLASSIFIERS:
        return None
    return "lm_head", "lm_head"


def _find_trainer(context: RuleContext, script: Script) -> Use | None:
    """The first trainer that certainly gets the setting's config, or the model that has it."""
    for use in script.uses:
        if use.name not in _TRAINERS or use.fails:
            continue
        config = _find_config(script, use.arguments.get("peft_config"))
        if config is None:
            maker = find_source_call(script, get_model_argument(use))
            if maker is not None and makes_adapter(maker):
                config = _find_config(
                    script, maker.arguments.get("peft_config", maker.arguments.get(1))
                )
        if config is not None and _is_setting(context, config):
            return use
    return None


def _find_config(script: Script, operand: Operand | None) -> Use | None:
    """The call that makes a config, also where it is used in one of two cases alone."""
    if operand is None:
        return None
    number = max(operand.call_number, operand.optional_call_number)
    return script.uses[number] if number >= 0 else None


def _is_setting(context: RuleContext, config: Use) -> bool:
    """Whether the setting was read from this call."""
    place = context.document.span(context.setting.path)
    called = get_call_span(context.document, config)
    return (place.line, place.column) == (called.line, called.column)


def _uses_liger(script: Script, trainer: Use) -> bool:
    config = find_source_call(script, trainer.arguments.get("args"))
    return config is not None and get_literal(config, "use_liger_kernel") is True


def _is_replaced(text: str) -> bool:
    """Whether a library is imported that puts its own trainers in the place of TRL's."""
    from loracheck.tools.unsloth_calls import PACKAGE

    return PACKAGE in text
