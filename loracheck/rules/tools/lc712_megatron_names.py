"""A target that is no module of Megatron's.

## What
`target_modules` of a Megatron tool (Megatron-Bridge, verl's `lora` block) with the names that
transformers gives (`q_proj`, `gate_proj`), or with a slip in one of Megatron's own.

## Why
Megatron builds the model of modules of its own: query, key and value are one `linear_qkv`. Older
releases pass over a name that no module has and train without it, the newest one stops. Seen in
NVIDIA-NeMo/Megatron-Bridge issue 1738.

## Bad
```yaml
peft:
  _target_: megatron.bridge.peft.lora.LoRA
  target_modules: [q_proj, k_proj, v_proj, o_proj]
  dim: 16
  alpha: 32
```

## Good
```yaml
peft:
  _target_: megatron.bridge.peft.lora.LoRA
  target_modules: [linear_qkv, linear_proj]
  dim: 16
  alpha: 32
```

## Fix
Write Megatron's names. `CanonicalLoRA` (verl: `type: canonical_lora`) has one for each projection:
`linear_q`, `linear_k`, `linear_v`, `linear_fc1_gate`, `linear_fc1_up`.

## Source
Megatron-Bridge `src/megatron/bridge/peft/module_matcher.py` (ModuleMatcher: a name is compared
with a module's last name, a wildcard with all of it), lora.py, canonical_lora.py; verl 0.9.1
`verl/trainer/config/ppo_megatron_trainer.yaml`.
"""

from __future__ import annotations

from loracheck.rules.support.name_typos import is_near_miss
from loracheck.rules.types import Hit
from loracheck.trees.roles import EITHER, PARTS, find_role
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.setting import Setting

CODE = "LC712"
NAME = "megatron-names"
SEVERITY = "warning"
KEY = "target_modules"
FUSED = {"qkv": "linear_qkv", "gate_up": "linear_fc1"}
SPLIT = {
    "q": "linear_q",
    "k": "linear_k",
    "v": "linear_v",
    "gate": "linear_fc1_gate",
    "up": "linear_fc1_up",
}
ALONE = {"o": "linear_proj", "down": "linear_fc2"}
OTHERS = (
    *("linear_q_proj", "linear_q_down_proj", "linear_q_up_proj"),
    *("linear_kv_down_proj", "linear_kv_up_proj", "in_proj", "out_proj", "output_layer"),
)
KNOWN = frozenset((*FUSED.values(), *SPLIT.values(), *ALONE.values(), *OTHERS))


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each name that Megatron's models do not have."""
    setting = context.setting
    targets = setting.mapping.get(KEY) if NAME in setting.traps else None
    leaves = {
        number: name.rpartition(".")[2]
        for number, name in enumerate(targets if isinstance(targets, list) else ())
        if isinstance(name, str)
    }
    # Towers of vision-language models are transformers' own, with its names.
    foreign = not KNOWN.intersection(leaves.values())
    canonical = _has_canonical_form(setting)
    for number, leaf in leaves.items():
        if leaf in KNOWN:
            continue
        right = next((name for name in sorted(KNOWN) if is_near_miss(leaf, name)), None)
        if right is None and foreign:
            right = _find_megatron_name(leaf, canonical=canonical)
        if right is not None:
            yield Hit(
                f"Megatron's models have no module `{leaf}`",
                (*setting.path, KEY, number),
                help=f"write `{right}`",
                field=KEY,
            )


def _has_canonical_form(setting: Setting) -> bool:
    names = (str(setting.mapping.get(key)).lower() for key in ("type", "_target_"))
    return any("canonical" in text for text in names)


def _find_megatron_name(leaf: str, *, canonical: bool) -> str | None:
    """Megatron's name for what a module of transformers does."""
    role = EITHER.get(leaf) or find_role(f"self_attn.{leaf}")
    if role in ALONE:
        return ALONE[role]
    if canonical and role in SPLIT:
        return SPLIT[role]
    return next((FUSED[whole] for whole in FUSED if role in (whole, *PARTS[whole])), None)
