"""Gradient checkpointing through a base model whose inputs have no gradient.

## What
Under transformers 4: a Trainer with `gradient_checkpointing=True` and a model from
`get_peft_model`, or `gradient_checkpointing_enable()` of such a model before a training loop, where
nothing makes the embeddings' outputs require gradients.

## Why
PyTorch's reentrant checkpointing, the default of transformers 4, gives a block gradients only where
one of its inputs requires one. The base model is frozen, so none does: the run ends with "element 0
of tensors does not require grad and does not have a grad_fn". `get_peft_model` looks after it where
checkpointing is on already; here it is turned on later, by the Trainer or the script. transformers
5 does both itself, and so do TRL's trainers (GRPOTrainer since TRL 0.16). Seen in
locuslab/open-unlearning issue 178, huggingface/trl issue 3089 and huggingface/transformers issue
35826.

## Bad
With `--transformers 4.57.6`:
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model, TrainingArguments("out", gradient_checkpointing=True), train_dataset=None)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model.enable_input_require_grads()
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
trainer = Trainer(model, TrainingArguments("out", gradient_checkpointing=True), train_dataset=None)
```

## Fix
Call `model.enable_input_require_grads()`, or write
`gradient_checkpointing_kwargs={"use_reentrant": False}`.

## Source
transformers 4.57.6 `modeling_utils.py` (`gradient_checkpointing_enable`: use_reentrant is true, and
inputs get gradients only for adapters of its own), transformers 5.24.0 `modeling_utils.py`;
PEFT 0.21.2 `peft_model.py` (`PeftModel.__init__`). Executed under both.
"""

from __future__ import annotations

from loracheck.documents.python.training_calls import makes_training_arguments
from loracheck.lazy_pattern import compile_when_used
from loracheck.releases.pin_checks import is_pinned_within
from loracheck.rules.support.script_calls import (
    find_source_call,
    find_wrapped_load,
    get_call_span,
    get_model_argument,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC162"
NAME = "checkpointing-without-gradients"
SEVERITY = "error"

_OTHERWISE = (
    "require_grad",
    "requires_grad",
    "prepare_model_for",
    "checkpointing_enable",
    *("FastLanguageModel", "FastModel", "FastVisionModel"),
)
"""Words of a file that may see to the gradients in another way."""

_TRAINERS = frozenset({"transformers.Trainer", "transformers.Seq2SeqTrainer"})
_OLD_GRPO = "<0.16.0"


_SEES_TO_IT = compile_when_used(
    r"require_grads|requires_grad_\(|requires_grad\s*=[^=]|prepare_model_for|embed|wte|"
    r"trainable_token|FastLanguageModel|FastModel|FastVisionModel|\btrl\b|use_reentrant.?\s*[:=]\s*False"
)
"""Words of a file whose own loop may get gradients in another way; embeddings with LoRA are one."""

_TRAINS = compile_when_used(r"\.train\((?:True|mode=True)?\)", words=(".train(",))
"""Checkpointing is off in a model that is not in training mode, as `from_pretrained` leaves it."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer or call; the first setting of the file speaks."""
    document, release = context.document, context.resolved.release
    script = read_calls(document, "gradient_checkpointing", "eft")
    if script is None or not context.first:
        return
    if release is None or not release.version.startswith("4."):
        return
    text = document.text
    if "Trainer(" in text and not any(word in text for word in _OTHERWISE):
        for trainer, arguments in _find_trainers(script, document):
            yield _build_hit(document, trainer, arguments, release.version)
    elif ".backward(" in text and _TRAINS.search(text) and not _SEES_TO_IT.search(text):
        for use in script.by_name.get("gradient_checkpointing_enable", ()):
            if not use.fails and use.complete and _turns_on_late(script, use):
                yield _build_hit(document, use, None, release.version)


def _find_trainers(script: Script, document: Document) -> Iterator[tuple[Use, Use]]:
    """Every trainer of a PEFT model with arguments that turn the reentrant checkpointing on."""
    for use in script.uses:
        arguments = use.arguments.get("args", use.arguments.get(1))
        constructor_call = find_source_call(script, arguments)
        if constructor_call is None or use.fails or not _has_adapter(script, use, document):
            continue
        if makes_training_arguments(constructor_call.name) and _is_reentrant(
            script, constructor_call
        ):
            yield use, constructor_call


def _turns_on_late(script: Script, use: Use) -> bool:
    """Whether a call turns the reentrant checkpointing on in a model with PEFT's wrapper."""
    words = use.arguments.get(_WORDS, use.arguments.get(0))
    load = find_wrapped_load(script, use.owner)
    return load is not None and _keeps_reentrant(script, words)


def _build_hit(document: Document, use: Use, arguments: Use | None, version: str) -> Hit:
    related = ((get_call_span(document, arguments), "turned on here"),) if arguments else ()
    return Hit(
        "gradient checkpointing finds no input that requires a gradient: the base model is "
        "frozen, and the first step ends with an error",
        get_call_span(document, use),
        help="call model.enable_input_require_grads(), or write "
        'gradient_checkpointing_kwargs={"use_reentrant": False}',
        notes=(f"transformers {version} checkpoints with use_reentrant=True",),
        spans=related,
    )


def _has_adapter(script: Script, use: Use, document: Document) -> bool:
    """Whether a call makes a trainer of a PEFT model that leaves the gradients as they are."""
    model = get_model_argument(use)
    if use.name in _TRAINERS:
        maker = find_source_call(script, model)
        return maker is not None and maker.last == "get_peft_model" and makes_adapter(maker)
    config = use.arguments.get("peft_config")
    has_config = config is not None and config.call_number >= 0
    return (
        use.name == "trl.GRPOTrainer"
        and has_config
        and is_pinned_within("trl", document, _OLD_GRPO)
    )


def _is_reentrant(script: Script, constructor_call: Use) -> bool:
    """Whether training arguments turn the reentrant checkpointing on, for certain."""
    on, words = (
        constructor_call.arguments.get("gradient_checkpointing"),
        constructor_call.arguments.get(_WORDS),
    )
    if not constructor_call.complete or on is None or on.value is not True:
        return False
    return _keeps_reentrant(script, words)


def _keeps_reentrant(script: Script, words: Operand | None) -> bool:
    """Whether arguments for checkpointing (None: none) leave it reentrant for certain."""
    if words is None:
        return True
    if isinstance(words.value, dict):
        return words.value.get("use_reentrant", True) is True
    call = find_source_call(script, words)
    reentrant = call.arguments.get("use_reentrant") if call is not None else None
    return reentrant is not None and reentrant.value is True


_WORDS = "gradient_checkpointing_kwargs"
