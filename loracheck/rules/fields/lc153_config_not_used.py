"""A LoraConfig that is made and never used.

## What
The variable that a `LoraConfig(...)` is assigned to is read nowhere in the file, and the file
makes a trainer and trains; or the call that would put it on the model is commented out; or
`get_peft_model`, `add_adapter` or a trainer is given another name, which stands nowhere else.

## Why
`peft_config=` was forgotten, or belongs to another trainer: the whole model is trained, or a
quantised one refuses to be. Nothing says that the config had no effect. A name that nothing binds
ends with NameError, once the model is loaded. Seen in huggingface/blog pull request 2220,
huggingface/peft pull request 3392 and ldzhangyx/instruct-MusicGen issue 8.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import SFTTrainer
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
trainer = SFTTrainer(model=model, train_dataset=None)
trainer.train()
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import SFTTrainer
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
trainer = SFTTrainer(model=model, train_dataset=None, peft_config=config)
trainer.train()
```

## Fix
Give the config to the trainer (`peft_config=config`, TRL) or put it on the model with
`get_peft_model`.

## Source
TRL 1.16.0 `trl/trainer/sft_trainer.py` (`peft_config`: None trains the model as it is).
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_calls import (
    get_call_span,
    is_trainer,
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

CODE = "LC153"
NAME = "config-not-used"
SEVERITY = "warning"


_BINDS_ELSEWHERE = compile_when_used(
    r"import \*|\bexec\(|\beval\(|globals\(|locals\(|__dict__|get_ipython|%run\b|%load\b|%store\b"
)
"""Words of a file that may bind a name which it does not show."""

_COMMENT = compile_when_used(r"#.*")
_QUOTED_OR_COMMENT = compile_when_used(
    r"""("{3}[\s\S]*?"{3}|\'{3}[\s\S]*?\'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|#.*"""
)
"""Text in quotes, which is kept, or a comment: `"### Answer:"` begins none."""

_PUTS_ON = compile_when_used(r"\b(?:get_peft_model|add_adapter|inject_adapter_in_model)\s*\(.*")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every config whose variable is not read; the first setting speaks."""
    document = context.document
    script = read_calls(document, "LoraConfig") if context.first else None
    if script is None or document.problems:
        return
    commented_out = list(_find_commented_out(document, script))
    if commented_out:
        yield from commented_out
        return
    constructor_calls = script.by_name.get("LoraConfig", ())
    named = [use for use in constructor_calls if use.variables]
    slips = list(_find_slips(document, script)) if len(named) == 1 else []
    if slips:
        yield from (_build_slip(document, named[0], *slip, script.names_read) for slip in slips)
        return
    idle = [use for use in named if not script.names_read & set(use.variables or ())]
    if len(idle) < len(constructor_calls):
        return  # one of several is used: the others are kept for another day
    if "Trainer" in document.source and ".train(" in document.source:
        yield from _check_trainer(document, script, idle)


def _find_commented_out(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every config whose only taker is a call that is commented out."""
    if "#" not in document.text:
        return
    code = _COMMENT.sub("", document.text)
    if _PUTS_ON.search(code):
        return
    comments = "\n".join(
        call[0]
        for comment in _COMMENT.finditer(document.text)
        if (call := _PUTS_ON.search(comment[0])) is not None
    )
    for use in script.by_name.get("LoraConfig", ()) if comments else ():
        name = _find_target(document, use)
        there = re.findall(rf"\b{re.escape(name)}\b", code) if name else []
        if len(there) == 1 and re.search(rf"\b{re.escape(name)}\b", comments):
            yield Hit(
                f"nothing takes `{name}`: the call that puts the adapter on is commented out, and "
                "no LoRA layer is made",
                get_call_span(document, use),
                help="take the call out of its comment, or the config out of the file",
            )


def _find_target(document: Document, use: Use) -> str:
    """The variable or attribute that a call's result is assigned to; "" where there is none."""
    begin = document.text.rfind("\n", 0, use.place.start) + 1
    name, equals, rest = document.text[begin : use.place.start].partition("=")
    plain = equals and not rest.strip() and name.strip().replace(".", "").isidentifier()
    return name.strip().rpartition(".")[2] if plain else ""


def _check_trainer(document: Document, script: Script, idle: list[Use]) -> Iterator[Hit]:
    """One hit for every config that nothing takes, in a file that makes a trainer."""
    trainer = next((use for use in script.uses if is_trainer(use)), None)
    for use in idle if trainer is not None else ():
        if trainer is None:
            return
        yield Hit(
            f"nothing takes `{(use.variables or ('',))[0]}`: the model is trained without LoRA",
            get_call_span(document, use),
            help="give it to the trainer (peft_config=, TRL), or call get_peft_model",
            spans=((get_call_span(document, trainer), "this trainer gets no config"),),
        )


def _find_slips(document: Document, script: Script) -> Iterator[tuple[Use, str]]:
    """The calls that are given a config whose name nothing in the file binds."""
    text = _QUOTED_OR_COMMENT.sub(lambda match: match[1] or "", document.text)
    for use in script.uses:
        config = _find_given_config(use)
        if config is None or not config.name or use.fails:
            continue
        # What stands once in the text, attributes and keywords aside, is bound nowhere in it.
        name = re.escape(config.name)
        there = re.findall(rf"(?<![\w.])(?!peft_config\s*=\s*{name}\b){name}\b", text)
        if len(there) == 1 and not _BINDS_ELSEWHERE.search(text):
            yield use, config.name


def _find_given_config(use: Use) -> Operand | None:
    """The config that a call which puts an adapter on is given."""
    if use.last == "get_peft_model" and makes_adapter(use):
        return use.arguments.get("peft_config", use.arguments.get(1))
    if is_trainer(use):
        return use.arguments.get("peft_config")
    name = use.arguments.get(0)
    if use.last == "add_adapter" and name is not None and isinstance(name.value, str):
        return use.arguments.get("peft_config", use.arguments.get(1))
    return None


def _build_slip(
    document: Document, config: Use, use: Use, name: str, names_read: frozenset[str]
) -> Hit:
    right = (config.variables or ("",))[0]
    rest = "" if right in names_read else ", which nothing takes"
    return Hit(
        f"nothing binds `{name}`: NameError; the LoraConfig is `{right}`{rest}",
        get_call_span(document, use),
        help=f"write {right} for {name}",
        spans=((get_call_span(document, config), "made here"),),
        severity="error",
    )
