"""A `task_type` whose wrapper hands the model text that it does not take.

## What
Any `task_type` on Whisper, Speech2Text or BLIP; on a model of pictures or sound, or on BLIP-2,
under a release of transformers whose class takes no `input_ids` or `inputs_embeds`; on CLIP, SigLIP
or Swin as image classifiers; and where a script puts it on an InternVL model whose code comes with
the checkpoint.

## Why
PEFT's wrapper for a task calls the model with `input_ids` and `inputs_embeds`, given or not. These
models build one of the two themselves for their decoder, so the first training step fails with
TypeError (multiple values for a keyword argument); so do parts of an image classifier that get a
mask twice. Other classes do not know the argument: TypeError, "forward() got an unexpected keyword
argument 'input_ids'"; InternVLChatModel has no `inputs_embeds` at all. The adapter that
transformers' own `add_adapter` puts in has no wrapper. Seen in huggingface/peft issues 1988 and
2528, in dino-chiio/blip-vqa-finetune issue 8 and OpenGVLab/InternVL issue 1126.

## Bad
```python
from peft import LoraConfig
from transformers import WhisperForConditionalGeneration
model = WhisperForConditionalGeneration.from_pretrained("openai/whisper-large-v3")
config = LoraConfig(r=32, target_modules=["q_proj", "v_proj"], task_type="SEQ_2_SEQ_LM")
```

## Good
```python
from peft import LoraConfig
from transformers import WhisperForConditionalGeneration
model = WhisperForConditionalGeneration.from_pretrained("openai/whisper-large-v3")
config = LoraConfig(r=32, target_modules=["q_proj", "v_proj"])
```

## Fix
Leave `task_type` out: PeftModel itself passes on what it is given. The head of a classifier is then
named in `modules_to_save`. InternVL's own script puts the
adapter on `model.language_model`, which takes any.

## Source
PEFT 0.21.2 `peft_model.py` (the `forward` of each PeftModelFor...), executed on tiny models; the
`forward` of the classes in transformers 4 and 5 (`loracheck/rules/support/forward_arguments.json`);
OpenGVLab/InternVL `modeling_internvl_chat.py`.
"""

from __future__ import annotations

from loracheck.rules.support.decoder_inputs import DECODER_INPUTS, OWN_CODE, find_foreign_argument
from loracheck.rules.support.script_calls import find_bare_load, get_model_argument, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC411"
NAME = "task-passes-text"
SEVERITY = "error"

_HEADS = ("SEQ_CLS", "TOKEN_CLS")
"""Tasks whose wrapper trains the new head by itself."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the file sets a task_type for such a model."""
    task, tree = context.value("task_type"), context.tree
    if tree is None or not isinstance(task, str) or "task_type" not in context.setting.places:
        return
    if context.setting.behaviour.planned.get("task_type", task) is None:
        return  # the adapter is put in without the wrapper
    lacks = OWN_CODE.get(tree.cls or "")
    if lacks is not None and _wraps_whole_model(context):
        yield Hit(
            f"with task_type {task} PEFT passes `{lacks}` to {tree.cls}, whose forward has no such "
            "argument: TypeError",
            context.place("task_type"),
            help="leave task_type out, or put the adapter on model.language_model",
            field="task_type",
        )
    inputs = DECODER_INPUTS.get(tree.model_type or "") if tree.generates else None
    if inputs is None:
        yield from _check_class(context, task, tree)
        return
    yield Hit(
        f"with task_type {task} PEFT passes `{inputs}` to {tree.cls}, which makes its own",
        context.place("task_type"),
        help="leave task_type out",
        field="task_type",
    )


def _check_class(context: RuleContext, task: str, tree: ModuleTree) -> Iterator[Hit]:
    """One hit where the class does not take what the wrapper passes, in the release that runs."""
    release = tree.transformers or (context.releases and context.releases.transformers.version)
    foreign = find_foreign_argument(tree.cls or "", release)
    if foreign is None:
        return
    head = task in _HEADS and not context.value("modules_to_save")
    yield Hit(
        f"with task_type {task} PEFT passes `{foreign}` to {tree.cls}, which does not take it: "
        "TypeError",
        context.place("task_type"),
        help="leave task_type out" + (", and name the head in modules_to_save" if head else ""),
        field="task_type",
        notes=(f"judged on transformers {release}",),
    )


def _wraps_whole_model(context: RuleContext) -> bool:
    """Whether the script puts its adapter on the very model that it loads, and on no other."""
    script = read_calls(context.document, "get_peft_model")
    calls = script.by_name.get("get_peft_model", ()) if script is not None else ()
    if script is None or not calls:
        return False
    models = [get_model_argument(use) for use in calls]
    return all(find_bare_load(script, model) is not None for model in models)
