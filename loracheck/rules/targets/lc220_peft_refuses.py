"""PEFT refuses this config on this model.

## What
Any other error that `get_peft_model` raises for the config and the model: half of a fused expert
pair, dropout on fused experts, a rank that a grouped convolution cannot take, a tied or nested
module to save, and so on.

## Why
The error comes after the model was loaded; some come in the middle of the wrapping. A grouped
convolution is huggingface/peft issue 2549.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "mistralai/Mixtral-8x7B-v0.1", "r": 8,
 "target_modules": ["q_proj", "w1"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "mistralai/Mixtral-8x7B-v0.1", "r": 8,
 "target_modules": ["q_proj", "w1", "w2", "w3"]}
```

## Fix
The help of the finding says what PEFT asks for. Until it is met the config cannot be used with this
model.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py`, `tuners/lora/layer.py`,
`utils/transformers_weight_conversion.py`, executed.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_releases_where
from loracheck.rules.support.plan_errors import WITH_A_RULE
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext

CODE = "LC220"
NAME = "peft-refuses"
SEVERITY = "error"
HELP = {
    "parameter-dropout": "set lora_dropout to 0: PEFT wraps the fused experts as parameters, and "
    "has no dropout there",
    "parameter-use-dora": "set use_dora to false: fused experts are wrapped as parameters",
    "parameter-bias": "set lora_bias to false: fused experts are wrapped as parameters",
    "moe-half-of-fused-pair": "name both, or none of the two",
    "mamba-module": "take it out of target_modules; `in_proj` can be adapted",
    "no-generation": "load the model with its language-modelling head (AutoModelForCausalLM), or "
    "use task_type FEATURE_EXTRACTION",
    "dora-conv-groups": "set use_dora to false, or leave this convolution out of target_modules",
    "conv-groups-rank": "choose a rank that the number of groups divides",
    "tokens-range": "token ids run from 0 to the vocabulary's size less one",
    "replication-no-layers": "PEFT can replicate layers of Llama, BERT and Falcon models only",
    "modules-to-save-on-container": "name the modules in the list, not the list of layers",
}
"""The mend, by the plan's error code, where the message alone does not tell it."""
TASKS_OF_CLASSES = {
    "ForSequenceClassification": "SEQ_CLS",
    "ForTokenClassification": "TOKEN_CLS",
    "ForQuestionAnswering": "QUESTION_ANS",
}
"""Ends of transformers' classes with the task whose wrapper in PEFT is made for them."""

HEAD_ERROR = "modules-to-save-on-adapter"

GENERATES_UNTIL = "4.52.0"
"""Before this release every model of transformers had `prepare_inputs_for_generation`, as its
PreTrainedModel was a GenerationMixin.
"""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for an error that no other rule speaks about."""
    plan, tree = context.plan or _plan_of_names(context), context.tree
    if plan is None or tree is None or plan.error is None or plan.error.code in WITH_A_RULE:
        return
    if any(issue.effect in ("raises", "fails") for issue in context.issues):
        return
    if context.setting.behaviour.own_layers:
        return  # PEFT is not asked
    field = plan.error.field
    fine = find_releases_where(context, lambda other: True if other.error is None else None)
    yield Hit(
        f"PEFT refuses this on {tree.cls}: {plan.error.message}",
        context.place(field) if field else context.setting.path,
        help=_build_help_for_error(context, plan.error.code),
        field=field,
        notes=(
            f"{plan.error.exception} from get_peft_model",
            *(f"judged on transformers {tree.transformers}; on {v} it is taken" for v, _ in fine),
        ),
        # Where nothing says which release runs, it may be one on which nothing is wrong.
        severity="warning" if fine and context.release_assumed else None,
    )


def _plan_of_names(context: RuleContext) -> Plan | None:
    """The plan of a model that is known by its names alone, where those are all that PEFT asks."""
    plan = context.names_plan
    code = plan.error.code if plan is not None and plan.error is not None else None
    asks = code == "mamba-module" or (code == "no-generation" and _generates_never(context))
    return plan if asks else None


def _generates_never(context: RuleContext) -> bool:
    """Whether the model is of a class of transformers without a head, which has nothing for
    generation since GENERATES_UNTIL, and no older release is said to run.
    """
    from loracheck.trees.class_names import find_class

    cls = context.tree.cls if context.tree is not None else None
    names = find_class(cls) if cls is not None and cls.endswith("Model") else None
    if names is None or names.own_code or names.tree.library != "transformers":
        return False
    return not is_older(context.document, "transformers", GENERATES_UNTIL)


def _build_help_for_error(context: RuleContext, code: str) -> str | None:
    if code == HEAD_ERROR:
        return _build_help_for_head(context)
    if code == "no-generation" and context.tree is not None:
        from loracheck.trees.class_names import knows_class

        cls = context.tree.cls or ""
        task = next((task for end, task in TASKS_OF_CLASSES.items() if cls.endswith(end)), None)
        if task is not None:
            return f"write task_type {task}, that of {cls}"
        if context.tree.library != "transformers" or not context.tree.pretrained:
            return f"leave task_type out: {cls} has nothing that such a task asks for"
        if knows_class(whole := cls.removesuffix("Model") + "ForConditionalGeneration"):
            return f"load the model with {whole}, or use task_type FEATURE_EXTRACTION"
    if code == "modules-to-save-on-container":
        return _build_help_for_own_parts(context) or HELP[code]
    newer = f"PEFT {context.accepting_peft} takes it" if context.accepting_peft else None
    return HELP.get(code) or newer


def _build_help_for_own_parts(context: RuleContext) -> str | None:
    """The help where a name is also the end of what PEFT itself has put in; None elsewhere."""
    for entry in context.value("modules_to_save") or ():
        own_part = next((part for part in _OWN_PARTS if part.endswith(str(entry))), None)
        if own_part is not None:
            return (
                f"write more of the name than `{entry}`: PEFT compares ends of names, and its own "
                f"`{own_part}` ends so"
            )
    return None


_OWN_PARTS = ("lora_dropout", "lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B")
"""Containers in a layer of LoRA (PEFT 0.21.2 tuners/lora/layer.py)."""


def _build_help_for_head(context: RuleContext) -> str:
    """The help for token classification and question answering, where PEFT saves the head after the
    wrapping.
    """
    from loracheck.plan.injection.tasks import HEADS

    names = HEADS.get(str(context.value("task_type")), ())
    top = [c.name for c in context.tree.root.children] if context.tree else []
    there = [name for name in names if name in top]
    if not there:
        return "name the module in target_modules or in modules_to_save, not in both"
    return (
        f"add exclude_modules: [{there[0]}]; the task_type trains that head in full, and it must "
        "not get LoRA before"
    )
