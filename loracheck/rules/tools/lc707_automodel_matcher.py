"""NeMo Automodel takes one way to choose modules, not two.

## What
`target_modules` beside `exclude_modules`, or either beside `match_all_linear: true`, in the `peft`
block of a NeMo Automodel recipe.

## Why
`ModuleMatcher` raises ValueError for it when the model was loaded. `match_all_linear` alone, and
the pattern `*`, take the output head as well, which other tools leave out and older vLLM refuses: a
note. Seen in NVIDIA-NeMo/Automodel issue 3462.

## Bad
```yaml
model:
  _target_: nemo_automodel.NeMoAutoModelForCausalLM.from_pretrained
  pretrained_model_name_or_path: Qwen/Qwen2.5-7B
peft:
  _target_: nemo_automodel.components._peft.lora.PeftConfig
  target_modules: ["*_proj"]
  exclude_modules: ["*down_proj"]
```

## Good
```yaml
model:
  _target_: nemo_automodel.NeMoAutoModelForCausalLM.from_pretrained
  pretrained_model_name_or_path: Qwen/Qwen2.5-7B
peft:
  _target_: nemo_automodel.components._peft.lora.PeftConfig
  exclude_modules: ["*down_proj", "*lm_head"]
```

## Fix
Keep one of them.

## Source
NeMo Automodel main of August 2026, `nemo_automodel/components/_peft/module_matcher.py`
(`ModuleMatcher.__post_init__`).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.setting import Setting

CODE = "LC707"
NAME = "automodel-matcher"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where two ways to match stand together, at the second; one for a string with
    commas.
    """
    if NAME not in context.setting.traps:
        return
    peft = context.setting.mapping
    for key in ("target_modules", "exclude_modules"):
        value = peft.get(key)
        if isinstance(value, str) and "," in value:
            yield Hit(
                f"`{key}` is one string, which NeMo Automodel takes for one pattern; no name of a "
                "module has a comma",
                (*context.setting.path, key),
                help=f"write a list: {[part.strip() for part in value.split(',')]}",
                field=key,
            )
    names = [key for key in ("target_modules", "exclude_modules") if peft.get(key)]
    if peft.get("match_all_linear") is True:
        names.insert(0, "match_all_linear")
    yield from _check_head(context, names)
    yield from _check_wildcard(context)
    if len(names) > 1:
        yield Hit(
            f"`{names[1]}` and `{names[0]}` exclude each other; NeMo Automodel raises ValueError",
            (*context.setting.path, names[1]),
            help="keep one of them",
            field=names[1],
        )


def _check_head(context: RuleContext, names: list[str]) -> Iterator[Hit]:
    """A note where `match_all_linear` takes the output head as well."""
    tree, plan = context.tree, context.plan
    head = tree.output_embeddings if tree is not None else None
    if names != ["match_all_linear"] or plan is None or head is None:
        return
    if any(wrapped.group.name == head for wrapped in plan.wrapped):
        yield Hit(
            f"`match_all_linear` takes the output head `{head}` too, which some servers refuse",
            (*context.setting.path, "match_all_linear"),
            help="write target_modules: '*_proj' for the layers without it",
            field="match_all_linear",
            severity="note",
        )


def _check_wildcard(context: RuleContext) -> Iterator[Hit]:
    """A note where the pattern `*` of a language model takes the output head as well."""
    value = context.setting.mapping.get("target_modules")
    patterns = value if isinstance(value, list) else [value]
    if "*" not in patterns or "CausalLM" not in _get_model_class(context.setting):
        return
    place = (patterns.index("*"),) if isinstance(value, list) else ()
    yield Hit(
        "`*` fits every linear layer, the output head too, which some servers refuse",
        (*context.setting.path, "target_modules", *place),
        help="write ['*_proj'] for the layers without it, ['*_proj', '*experts'] where the experts "
        "of a mixture are meant too",
        field="target_modules",
        severity="note",
    )


def _get_model_class(setting: Setting) -> str:
    """What `model._target_` of the file names; empty where the file does not say it."""
    top = setting.document.roots[int(setting.path[0])] if setting.path else None
    model = top.get("model") if isinstance(top, dict) else None
    return str(model.get("_target_", "")) if isinstance(model, dict) else ""
