"""Input embedding and output head are one weight, and the adapter trains them apart.

## What
The model ties its word embeddings, and the input embedding, the output head, or both are trained in
full or wrapped without `ensure_weight_tying`.

## Why
`modules_to_save` makes a copy for each. Both copies learn different things; the merged model is
tied again when it is loaded, and one of the two is lost: new tokens never appear, or the output is
nonsense. LoRA on both ends adds both updates to the one weight when merged, with
`ensure_weight_tying` as well; LoRA on one end alone changes the other when merged (huggingface/peft
issue 2018). One end trained in full comes apart from the other too, but is often meant, so that is
a note. huggingface/peft issue 1750 asks how to train both as one; unslothai/unsloth pull request
9331 measured the lost head.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "modules_to_save": ["embed_tokens", "lm_head"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "modules_to_save": ["embed_tokens", "lm_head"],
 "ensure_weight_tying": true}
```

## Fix
Set `ensure_weight_tying: true` (PEFT 0.18 and newer), or name one end only.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`_check_tied_modules`), executed; huggingface/peft issue 2777,
hiyouga/LlamaFactory issues 6446 and 6749.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_names_plan
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext

CODE = "LC404"
NAME = "tied-ends"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for saved ends of a tied pair, one for wrapped ends."""
    plan_and_tree = find_names_plan(context)
    if plan_and_tree is None:
        return
    from loracheck.plan.injection.weight_tying import find_tied_modules

    plan, tree = plan_and_tree
    tied = find_tied_modules(tree)
    if not tied or not tree.input_embeddings:
        return
    ends = {tree.input_embeddings, *tied}
    ensures = context.value("ensure_weight_tying") is True and _release_has_field(context)
    saved = {s.group.name: s.entry for s in plan.saved if s.group.name in ends}
    if saved and not ensures:
        yield _build_hit(context, "modules_to_save", saved, "trained in full")
    wrapped = {
        w.group.name: next(iter(w.entries), "") for w in plan.wrapped if w.group.name in ends
    }
    if len(wrapped) > 1 or (wrapped and not ensures):
        yield _build_hit(
            context, "target_modules", wrapped, "LoRA targets", ensures=_has_tied_modules(plan)
        )


def _release_has_field(context: RuleContext) -> bool:
    """Whether the PEFT release has the field `ensure_weight_tying`; tools leave it out for releases
    without it.
    """
    from loracheck.config.field_table import get_lora_fields
    from loracheck.config.release_values import parse_release_number

    since = get_lora_fields()["ensure_weight_tying"].since
    return context.peft is None or parse_release_number(context.peft) >= parse_release_number(since)


def _describe_harm(field: str, ensures: bool) -> str:
    if field == "modules_to_save":
        return (
            "the copies come apart, and are tied again when the merged model is loaded, which "
            "drops one of them"
        )
    if ensures:
        return "merging adds their shared update to the one weight twice"
    return "the two updates differ, and merging adds both to the one weight"


def _describe_one_end_harm(field: str) -> str:
    if field == "modules_to_save":
        return "which keeps the old weight"
    return "and merging adds its update to both: the merged model is not the one that was trained"


def _name_one(what: str) -> str:
    return "a LoRA target" if what == "LoRA targets" else what


def _has_tied_modules(plan: Plan) -> bool:
    return any(w.tied for w in plan.wrapped)


def _build_hit(
    context: RuleContext, field: str, ends: dict[str, str], what: str, *, ensures: bool = False
) -> Hit:
    names = list(ends)
    both = len(names) > 1
    text = (
        f"{quote_names(names)} are one tied weight and {what}: {_describe_harm(field, ensures)}"
        if both
        else f"`{names[0]}` is {_name_one(what)}, but it is tied to the other end of the model, "
        f"{_describe_one_end_harm(field)}"
    )
    return Hit(
        text,
        context.entry_place(field, ends[names[-1]]),
        help=_format_help(context, field, both, ensures),
        field=field,
        # PEFT itself warns of a tied target, when it is wrapped and when it is merged.
        severity=None if both or field == "target_modules" else "note",
    )


def _format_help(context: RuleContext, field: str, both: bool, ensures: bool) -> str:
    """What to write instead, in keys that the file can have."""
    tool = context.setting.tool
    one_end = "name one end only"
    if context.setting.behaviour.saves_embeddings and tool is not None:
        key = next((key.name for key in tool.keys if key.field == "modules_to_save"), None)
        one_end = f"name one end only, in {key}" if key else one_end
    can_tie = tool is None or any(key.field == "ensure_weight_tying" for key in tool.keys)
    if ensures or (both and not can_tie):
        return one_end
    if both:
        return f"set ensure_weight_tying to true (PEFT 0.18 or newer), or {one_end}"
    if field == "modules_to_save" and can_tie:
        return "set ensure_weight_tying to true to train both as one"
    return (
        "leave it out, or untie the model first: a copy of the weight and tie_word_embeddings=False"
    )
