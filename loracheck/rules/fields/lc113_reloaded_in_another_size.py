"""A base model is loaded for its adapter in another size than it was trained in.

## What
A script that trains an adapter, saves it, and loads it (or a checkpoint of its Trainer) onto a
fresh base model:

- the first base model got rows for new tokens (`add_tokens` with `resize_token_embeddings`; TRL's
  `setup_chat_format` or `clone_chat_template`, where the model is known not to have the tokens),
  the second did not; a warning where the first was resized to a tokenizer that is loaded from
  somewhere else than the model;
- the first was loaded with `num_labels`, the second with another number, or with none.

## Why
PEFT saves resized embeddings and the head of a classifier with the adapter. Loading them ends with
RuntimeError, "size mismatch for ...". Seen in huggingface/peft issues 1457 and 1700, in
huggingface/peft pull request 2290 and in huggingface/trl issue 1412.

## Bad
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-7B")
tokenizer.add_tokens(["<call>"])
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model.resize_token_embeddings(len(tokenizer))
config = LoraConfig(r=8, target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"])
model = get_peft_model(model, config)
model.save_pretrained("out")
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, "out")
```

## Good
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-7B")
tokenizer.add_tokens(["<call>"])
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model.resize_token_embeddings(len(tokenizer))
config = LoraConfig(r=8, target_modules=["q_proj"], modules_to_save=["embed_tokens", "lm_head"])
model = get_peft_model(model, config)
model.save_pretrained("out")
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
base.resize_token_embeddings(len(tokenizer))
model = PeftModel.from_pretrained(base, "out")
```

## Fix
Call `resize_token_embeddings(len(tokenizer))` on the base model, or give its `from_pretrained` the
`num_labels` of the training, before `PeftModel.from_pretrained`.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`get_peft_model_state_dict`, `save_embedding_layers`),
`peft_model.py`. Executed on a tiny Llama: each of `save_embedding_layers`, `modules_to_save`, and
a classifier of five labels.
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import find_config_call, get_literal
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_load,
    get_call_span,
    get_model_argument,
    is_trainer,
    makes_adapter,
    map_by_load,
    read_calls,
)
from loracheck.rules.support.template_tokens import find_template_call
from loracheck.rules.support.trained_adapters import find_reloaded, is_same_checkpoint
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext


CODE = "LC113"
NAME = "reloaded-in-another-size"
SEVERITY = "error"

_MAKES = ("get_peft_model", "peft_config")
"""Words of which a file that trains a new adapter has one."""

_ADDS = ("add_tokens", "add_special_tokens", "setup_chat_format", "clone_chat_template")
"""Calls that add tokens."""

_HEAD_TASKS = frozenset({"SEQ_CLS", "TOKEN_CLS"})
"""Tasks whose wrapper saves the head by itself."""

_OTHER_LABELS = frozenset({"config", "id2label", "label2id", "ignore_mismatched_sizes"})
"""Arguments of from_pretrained that set the number of labels, or let it differ."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such load; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every adapter that is put on a base model of another size than its own."""
    script = read_calls(document, ".from_pretrained")
    if script is None or not any(word in document.source for word in _MAKES):
        return
    resized = map_by_load(script, "resize_token_embeddings", find_load)
    resized |= _map_templates(script, resized)
    for use, first in find_reloaded(script):
        second = find_bare_load(script, get_model_argument(use))
        if second is None or not makes_adapter(use) or first.load.name != second.name:
            continue
        if not is_same_checkpoint(first.load, second):
            continue
        start = first.load.place.start
        adds = any(f"{word}(" in document.source for word in _ADDS)
        other = not adds and _has_other_tokenizer(script, first.load)
        if (adds or other) and start in resized and second.place.start not in resized:
            severity: Severity | None = "warning" if other else None
            yield Hit(
                "the adapter was trained with more tokens than this base model has: size mismatch"
                if adds
                else "the adapter was trained on a model that was resized to another tokenizer, "
                "and this base model was not: size mismatch, if their lengths differ",
                get_call_span(document, use),
                help="call resize_token_embeddings(len(tokenizer)) on the base model before",
                spans=((get_call_span(document, resized[start]), "resized here"),),
                severity=severity,
            )
        elif _saves_head(script, first.maker):
            yield from _compare_labels(document, use, first.load, second)


def _has_other_tokenizer(script: Script, load: Use) -> bool:
    """Whether the one tokenizer of a file is loaded from another place than a model."""
    names = {
        get_literal(use, 0, "pretrained_model_name_or_path")
        for use in script.by_name.get("from_pretrained", ())
        if use.name.rpartition(".")[0].endswith(("Tokenizer", "TokenizerFast"))
    }
    model = get_literal(load, 0, "pretrained_model_name_or_path")
    return len(names) == 1 and isinstance(model, str) and names.isdisjoint({model, None})


def _map_templates(script: Script, resized: Mapping[int, Use]) -> dict[int, Use]:
    """The calls that give a model the tokens of a chat template which it has not, by where the call
    stands that loads the model.
    """
    found: dict[int, Use] = {}
    for name in ("setup_chat_format", "clone_chat_template"):
        for use in script.by_name.get(name, ()):
            load = find_load(script, get_model_argument(use))
            if load is None or load.place.start in resized:
                continue
            model = get_literal(load, 0, "pretrained_model_name_or_path")
            if find_template_call(script, model) is not None:
                found.setdefault(load.place.start, use)
    return found


def _saves_head(script: Script, maker: Use) -> bool:
    """Whether the adapter of a call is saved with the model's head, for certain."""
    config = find_config_call(script, maker, *(("peft_config",) if is_trainer(maker) else ()))
    if config is None:
        return False
    task = config.arguments.get("task_type", config.arguments.get(0))
    named = task is not None and bool(_HEAD_TASKS & {str(task.value), task.path.rpartition(".")[2]})
    return named or "modules_to_save" in config.arguments


def _compare_labels(document: Document, use: Use, first: Use, second: Use) -> Iterator[Hit]:
    """One hit where the two loads have another number of labels."""
    there, here = first.arguments.get("num_labels"), second.arguments.get("num_labels")
    unsure = _OTHER_LABELS & second.arguments.keys() or _OTHER_LABELS & first.arguments.keys()
    if there is None or unsure or not (first.complete and second.complete):
        return
    if type(there.value) is not int or there.value == (2 if here is None else here.value):
        return
    if here is not None and type(here.value) is not int:
        return
    severity: Severity | None = "warning" if here is None else None
    yield Hit(
        f"the adapter was trained with {there.value} labels, and this base model is loaded with "
        + ("as many as its config.json says" if here is None else str(here.value))
        + ": size mismatch",
        get_call_span(document, use),
        help=f"write num_labels={there.value} in the from_pretrained of the base model",
        spans=((get_call_span(document, second), "the base model is loaded here"),),
        severity=severity,
    )
