"""A scaling (alpha over r) outside of what is commonly used.

## What
`lora_alpha / r` below 0.25 or above 4. A warning where the file raises the rank to 16 times or more
of an alpha that it does not set, so that the tool's default holds: 1 in sd-scripts and its
relatives, ai-toolkit and OneTrainer.

## Why
LoRA's update is multiplied by alpha/r, or by alpha/sqrt(r) with rsLoRA. Tutorials that tell alpha
to be up to 32 times r are wrong about practice: of 1,236 real settings none was above 4 but one
mistake of another tool. A scaling that is far off acts like a learning rate that is far off. In
tloen/alpaca-lora issue 391 the loss fell to 0 with rank and learning rate far up; in
Blaizzy/mlx-vlm issue 841 alpha meant another thing. With a rank of 128 and the default alpha of 1
the updates are multiplied by 1/128, and the result barely differs from the base model
(kohya-ss/sd-scripts issue 98, kohya-ss/musubi-tuner issue 309).

## Bad
```json
{"peft_type": "LORA", "r": 8, "lora_alpha": 256, "target_modules": ["q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"]}
```

## Fix
Set alpha to r or twice r, or leave it if it is meant.

## Source
LoRA, arXiv:2106.09685, section 4.1; rsLoRA, arXiv:2312.03732; counts over 1,236 settings (2026).
"""

from __future__ import annotations

from math import sqrt

from loracheck.config.field_table import get_alpha_ratio as usual
from loracheck.rules.support.assignments import format_assignment
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC303"
NAME = "scaling-untypical"
SEVERITY = "note"
FAR = (1 / 1024, 32)
"""Ratios beyond these are no one's choice: none of 415 public configs is outside of 0.25 to 4, and
the smallest that a tool sets by itself is 1/128 (sd-scripts with network_dim 128).
"""
LEFT = 1 / 16
"""From this ratio on downwards an alpha that the tool fills in is taken for forgotten."""
OPTIONS = {
    "low": "Lowest ratio of alpha to r that nothing is said about.",
    "high": "Highest ratio of alpha to r that nothing is said about.",
}


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the ratio of two valid numbers is outside the range."""
    rank, alpha = context.value("r"), context.value("lora_alpha")
    if not (_is_number(rank) and _is_number(alpha)) or rank <= 0 or alpha <= 0:
        return
    ratio = alpha / rank
    low = context.option(CODE, "low", usual().low or 0.0)
    high = context.option(CODE, "high", usual().high or 0.0)
    if low <= ratio <= high:
        return
    is_rslora = context.value("use_rslora") is True
    scaling = alpha / sqrt(rank) if is_rslora else ratio
    formula = "alpha/sqrt(r)" if is_rslora else "alpha/r"
    far = not FAR[0] <= ratio <= FAR[1]
    if _is_left_to_tool(context, ratio):
        yield _build_hit_for_default(context, rank, alpha, formula, scaling)
        return
    yield Hit(
        f"alpha {alpha:g} is {ratio:.3g} times r; {low:g} to {high:g} times is usual",
        context.place("lora_alpha"),
        help=f"with r={rank:g}, an alpha of {rank:g} or {2 * rank:g} is common",
        field="lora_alpha",
        notes=(
            f"every LoRA update is multiplied by {formula} = {scaling:.3g}",
            *_name_default(context, alpha),
        ),
        severity="warning" if far else None,
    )


def _name_default(context: RuleContext, alpha: float) -> tuple[str, ...]:
    """Whose default the alpha is that the file gives, where a tool's is so far from the rank."""
    tool = context.setting.tool
    keys = tool.keys if tool is not None else ()
    same = any(key.field == "lora_alpha" and key.default == alpha for key in keys)
    if tool is None or not same or "lora_alpha" not in context.setting.places:
        return ()
    return (f"{alpha:g} is the default of {tool.title.partition(' (')[0]}, for any rank",)


def _is_left_to_tool(context: RuleContext, ratio: float) -> bool:
    """Whether the file chooses the rank alone, and the tool fills in an alpha that is far below."""
    places = context.setting.places
    return (
        ratio <= LEFT
        and context.setting.tool is not None
        and "r" in places
        and "lora_alpha" not in places
    )


def _build_hit_for_default(
    context: RuleContext, rank: float, alpha: float, formula: str, scaling: float
) -> Hit:
    tool = context.setting.tool
    name = tool.title.partition(" (")[0] if tool is not None else ""
    key = next((k.name for k in tool.keys if k.field == "lora_alpha"), "alpha") if tool else ""
    assignment = format_assignment(context.setting, key, int(rank) if rank == int(rank) else rank)
    return Hit(
        f"the rank is {rank:g} and alpha is {alpha:g}, the default of {name}: every LoRA update is "
        f"multiplied by {formula} = {scaling:.3g}",
        context.place("r"),
        help=f"write {assignment} for a scale of 1, or the alpha that is meant",
        field="lora_alpha",
        severity="warning",
    )


def _is_number(value: object) -> bool:
    """Whether it is a number that can be divided and written out as a float."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
