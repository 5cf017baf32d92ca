"""New tokens whose rows are neither trained nor saved by the adapter.

## What
A script adds tokens, resizes the embeddings, and makes a LoraConfig that trains neither of the
embeddings: no `modules_to_save`, no `trainable_token_indices`, no target among the embeddings. A
padding token alone is none to train. TRL's `clone_chat_template` and `setup_chat_format` add the
tokens of a chat template and resize; they are told of where the model is known not to have them.

## Why
The new rows stay as `resize_token_embeddings` made them (the mean of the others, with noise): the
model cannot learn what the tokens mean, nor to write them. Executed: no embedding has a gradient.
Seen in unslothai/unsloth issue 1343 and huggingface/trl issue 1819; huggingface/smol-course issue
248 for the template of another model.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-7B")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
tokenizer.add_tokens(["<call>", "</call>"])
model.resize_token_embeddings(len(tokenizer))
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained("Qwen/Qwen2.5-7B")
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
tokenizer.add_tokens(["<call>", "</call>"])
model.resize_token_embeddings(len(tokenizer))
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM",
                    modules_to_save=["embed_tokens", "lm_head"])
model = get_peft_model(model, config)
```

## Fix
`trainable_token_indices` with the new ids trains their rows alone; `modules_to_save` with both
embeddings trains them whole. `clone_chat_template` gives the new ids as its third value, and
SFTTrainer trains their rows itself where SFTConfig has `chat_template_path`.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_mark_only_adapters_as_trainable`), executed; TRL 1.16.0
`chat_template_utils.py` (`clone_chat_template`), `trainer/sft_trainer.py` (line 825).
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.support.template_tokens import find_template_call
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC157"
NAME = "new-tokens-frozen"
SEVERITY = "warning"

_EMBEDDINGS = compile_when_used(r"emb|wte|lm_head|shared|output", re.IGNORECASE)
_TRAINS_OTHERWISE = ("requires_grad", "train_new_tokens", "freeze", "add_new_tokens")
"""Words of a file that may train the rows in another way."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the setting trains no embedding and the file has new tokens."""
    script = read_calls(context.document)
    words = ("resize_token_embeddings(", "clone_chat_template(", "setup_chat_format(")
    if script is None or not any(word in context.document.source for word in words):
        return
    if _trains_embeddings(context):
        return
    if any(word in context.document.source for word in _TRAINS_OTHERWISE):
        return
    added = _find_added(script) or find_template_call(script, context.setting.model)
    if added is not None and not added.fails:
        of_template = added.last == "clone_chat_template"
        yield Hit(
            "the rows of the new tokens are not trained: the config trains no embedding",
            context.setting.path,
            help="give their ids in trainable_token_indices, or name both embeddings in "
            "modules_to_save"
            + ("; or write chat_template_path into SFTConfig in its place" if of_template else ""),
            field="modules_to_save",
            spans=((get_call_span(context.document, added), "the tokens are added here"),),
        )


def _find_added(script: Script) -> Use | None:
    """The first call that adds tokens, where the embeddings are resized too."""
    if not script.by_name.get("resize_token_embeddings"):
        return None
    return next((use for use in script.uses if _adds_tokens(use)), None)


def _trains_embeddings(context: RuleContext) -> bool:
    """Whether the config trains an embedding, or may."""
    setting = context.setting
    calls = setting.form == "python" or bool(setting.calls)
    if not setting.complete or setting.purpose == "saved" or not calls:
        return True
    if context.value("modules_to_save") or context.value("trainable_token_indices"):
        return True
    if context.value("target_parameters"):
        return True
    targets = context.value("target_modules")
    if targets is None or targets == "all-linear":
        return False
    names = targets if isinstance(targets, (list, tuple, set)) else None
    return names is None or any(
        not isinstance(name, str) or _EMBEDDINGS.search(name) is not None for name in names
    )


def _adds_tokens(use: Use) -> bool:
    """Whether a call adds tokens that have something to learn, for certain."""
    tokens = use.arguments.get(
        0, use.arguments.get("new_tokens", use.arguments.get("special_tokens_dict"))
    )
    if tokens is None:
        return False
    if use.last == "add_tokens":
        return _is_text(tokens)
    return use.last == "add_special_tokens" and bool(_list_special_kinds(tokens))


def _is_text(operand: Operand) -> bool:
    value = operand.value
    return bool(value) and (
        isinstance(value, str)
        or (isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value))
    )


def _list_special_kinds(operand: Operand) -> set[str]:
    """The kinds of special tokens but padding, which is masked out of every loss."""
    value = operand.value
    return {str(key) for key in value} - {"pad_token"} if isinstance(value, dict) else set()
