"""A base model is loaded for its adapter in another size than it was trained in.

## What
A script that trains an adapter, saves it, and loads it (or a checkpoint of its Trainer) onto a
fresh base model:

- the first base model got rows for new tokens (`add_tokens`, `resize_token_embeddings`), the second
  did not;
- the first was loaded with `num_labels`, the second with another number, or with none.

## Why
PEFT saves resized embeddings and the head of a classifier with the adapter. Loading them ends with
RuntimeError, "size mismatch for ...". Seen in huggingface/peft issues 1457 and 1700, and in
huggingface/peft pull request 2290.

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

from loracheck.rules.support.script_adapters import find_config_call
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_load,
    get_call_span,
    get_model_argument,
    makes_adapter,
    map_by_load,
    read_calls,
)
from loracheck.rules.support.trained_adapters import find_reloaded, is_same_checkpoint
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext


CODE = "LC113"
NAME = "reloaded-in-another-size"
SEVERITY = "error"

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
    script = read_calls(document, "get_peft_model", ".from_pretrained")
    if script is None:
        return
    resized = map_by_load(script, "resize_token_embeddings", find_load)
    for use, first in find_reloaded(script):
        second = find_bare_load(script, get_model_argument(use))
        if second is None or not makes_adapter(use) or first.load.name != second.name:
            continue
        if not is_same_checkpoint(first.load, second):
            continue
        adds = "add_tokens(" in document.text or "add_special_tokens(" in document.text
        start = first.load.place.start
        if adds and start in resized and second.place.start not in resized:
            yield Hit(
                "the adapter was trained with more tokens than this base model has: size mismatch",
                get_call_span(document, use),
                help="call resize_token_embeddings(len(tokenizer)) on the base model before",
                spans=((get_call_span(document, resized[start]), "resized here"),),
            )
        elif _saves_head(script, first.maker):
            yield from _compare_labels(document, use, first.load, second)


def _saves_head(script: Script, maker: Use) -> bool:
    """Whether the adapter of a call is saved with the model's head, for certain."""
    config = find_config_call(script, maker)
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
