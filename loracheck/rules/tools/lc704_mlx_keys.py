"""mlx-lm's own LoRA keys are not PEFT's.

## What
`alpha` in `lora_parameters`, or `keys` that are no paths inside a block of the model (`q_proj`
instead of `self_attn.q_proj`), that are one letter off one, or that this model's blocks have not
(`self_attn.q_proj` where one layer makes query, key and value); a `num_layers` above the number
of the model's layers; or LoRA's rank and the like as options of the command.

## Why
mlx-lm has no alpha: without `scale` it stops with KeyError 'scale', with it alpha is ignored. The
`keys` must equal a module's whole path inside a block; a bare name trains nothing, and nothing is
said. In ml-explore/mlx-lm issue 90 the usual keys trained 0 % of a Phi-4-mini, whose layer is
called `self_attn.qkv_proj`. In Blaizzy/mlx-vlm issue 841 an alpha taken for a scale made the
training collapse. An adapter_config.json whose `keys` reach nothing (a trainer wrote `["auto"]`
there) loads without effect in older releases, and newer ones refuse its weights
(MakazhanAlpamys/Soup issue 392). With more `num_layers` than there are mlx-lm stops with
ValueError. Its command has no option for the rank: `lora_parameters` of a file is the only place,
and argparse refuses any other option.

## Bad
```yaml
model: mlx-community/Qwen3-1.7B-4bit
fine_tune_type: lora
lora_parameters: {rank: 8, alpha: 16, dropout: 0.0, keys: [q_proj, v_proj]}
```

## Good
```yaml
model: mlx-community/Qwen3-1.7B-4bit
fine_tune_type: lora
lora_parameters: {rank: 8, scale: 2.0, dropout: 0.0, keys: [self_attn.q_proj, self_attn.v_proj]}
```

## Fix
Write `scale` (alpha over rank) in place of `alpha`, and whole paths such as `self_attn.q_proj`.

## Source
mlx-lm 0.32.2, `mlx_lm/tuner/utils.py` (`linear_to_lora_layers`), `mlx_lm/lora.py` (`train_model`);
ml-explore/mlx-lm issue 1670. How mlx-lm's own modules are called is read from its files
(`python -m bench.mlx_names`).
"""

from __future__ import annotations

import os
import re

from loracheck.rules.support.block_paths import find_dead_paths
from loracheck.rules.support.layer_numbers import count_layers
from loracheck.rules.support.name_typos import LINEAR_NAMES, is_near_miss
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.scalings import compute_scaling
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeGuard

    from loracheck.documents.values import Table
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.setting import Setting

CODE = "LC704"
NAME = "mlx-keys"
SEVERITY = "error"

_PARTS = r"[\w.]+"
_BLOCKS = frozenset({"self_attn", "attention", "linear_attn", "feed_forward", "block_sparse_moe"})
"""Names of the parts of a block that hold the layers."""
_OTHERS_OPTIONS = frozenset({"rank", "r", "alpha", "scale", "dropout", "keys"})
"""LoRA's own words, none of which mlx-lm 0.32.2 mlx_lm/lora.py (build_parser) has as an option."""
_EVERY = frozenset({"all", "auto", "all-linear", "all_linear", "*"})
"""Words by which other tools mean every layer."""
_AT_THE_TOP = frozenset({"lm_head", "embed_tokens"})
"""Names of modules that are their own whole path in some model."""


def check(context: RuleContext) -> Iterator[Hit]:
    """Hits for an `alpha` that mlx-lm does not read, and for keys that reach no layer."""
    setting = context.setting
    if NAME not in setting.traps:
        return
    if setting.options is not None:
        yield from _check_options(setting)
        yield from _check_number_of_layers(context)
        return
    lora = setting.mapping
    if "alpha" in lora and not ("scale" in lora and _is_record(setting)):
        yield _build_alpha_hit(lora, (*setting.path, "alpha"))
    elif setting.path[-1:] == ("lora_parameters",):
        yield from _check_missing_defaults(setting)
    keys = lora.get("keys")
    if keys is not None and keys in ([], [""]):
        yield Hit(
            "`keys` names no layer, so mlx-lm puts LoRA on none and says nothing",
            (*setting.path, "keys"),
            help="leave it out for every layer, or write paths such as self_attn.q_proj",
            field="keys",
        )
    for index, key in enumerate(keys if isinstance(keys, list) else []):
        if isinstance(key, str) and key not in _EVERY and len(re.findall(_PARTS, key)) > 1:
            yield Hit(
                f"`{key}` is one entry with several paths in it, which no layer has",
                (*setting.path, "keys", index),
                help=f"split it: {', '.join(re.findall(_PARTS, key))}",
                field="keys",
            )
        elif isinstance(key, str) and key and "." not in key and key not in _AT_THE_TOP:
            yield Hit(
                f"`{key}` is no path inside a block, so mlx-lm puts no LoRA on it and says nothing",
                (*setting.path, "keys", index),
                help="leave `keys` out for every layer"
                if key in _EVERY
                else f"write the whole path, such as self_attn.{key}",
                field="keys",
            )
        elif isinstance(key, str) and (corrected := _correct_path(key)) != key:
            yield Hit(
                f"`{key}` has a slip in it, so mlx-lm puts no LoRA on it and says nothing",
                (*setting.path, "keys", index),
                help=f"did you mean `{corrected}`?",
                field="keys",
            )
    yield from _check_paths(context)
    yield from _check_number_of_layers(context)


def _is_record(setting: Setting) -> bool:
    """Whether the file is what mlx-lm writes of an adapter: before 0.19 with an alpha beside the
    scale, of which nobody thinks.
    """
    return os.path.basename(setting.document.path) == "adapter_config.json"


def _check_options(setting: Setting) -> Iterator[Hit]:
    """Hits for options of the command that mlx-lm's parser has not, by which other tools or older
    releases set LoRA up.
    """
    for option, value in (setting.options or {}).items():
        number = str(value) if isinstance(value, (int, str)) and str(value).isdecimal() else None
        rank = number if number is not None and option.endswith("rank") else "8"
        block = f"lora_parameters: {{rank: {rank}, scale: 20.0, dropout: 0.0}}"
        if option == "lora_layers":
            help = f"write --num-layers {number or 16}"
        elif option in _OTHERS_OPTIONS or option.startswith("lora_"):
            help = f"write {block} into a file, and give that with --config"
        else:
            continue
        yield Hit(
            f"mlx-lm has no option `--{option.replace('_', '-')}`, and refuses the command",
            (*setting.path, option),
            key=True,
            help=help,
            field=option,
        )


def _check_paths(context: RuleContext) -> Iterator[Hit]:
    """Hits for well-formed keys that no module inside a block of the model has."""
    setting, tree = context.setting, context.tree
    given = setting.mapping.get("keys")
    keys = [str(key) for key in given] if isinstance(given, list) else []
    sound = [key for key in keys if _correct_path(key) == key]
    dead = find_dead_paths(context, sound) if sound and tree is not None else {}
    for key, others in dead.items():
        alone = len(dead) == len(set(keys))
        yield Hit(
            f"no block of {tree.kind_name if tree else ''} has a module `{key}`: mlx-lm "
            + ("trains nothing" if alone else "puts no LoRA on it")
            + " and says nothing",
            (*setting.path, "keys", keys.index(key)),
            help=f"in this model it is {quote_names(others)}"
            if others
            else "take it out, or leave `keys` out for every layer",
            field="keys",
            severity=None if alone else "warning",
        )


def _check_number_of_layers(context: RuleContext) -> Iterator[Hit]:
    """The hit for more layers than the model has."""
    setting, count = context.setting, count_layers(context)
    top = setting.path[:-1] if setting.path[-1:] == ("lora_parameters",) else setting.path
    root: Any = setting.document.roots[int(top[0])] if len(top) == 1 else {}
    wanted = root.get("num_layers") if isinstance(root, dict) else None
    written = f"num_layers: {wanted}"
    if setting.options is not None and isinstance(wanted, str) and wanted.isdecimal():
        wanted, written = int(wanted), f"--num-layers {wanted}"
    if count is not None and type(wanted) is int and wanted > count:
        yield Hit(
            f"`{written}` is more than the {count} layers of the model: mlx-lm stops with "
            "ValueError",
            (*top, "num_layers"),
            help=f"write {count}, or -1 for every layer",
            field="num_layers",
        )


def _correct_path(key: str) -> str:
    """The path with the usual name in place of every part that is one letter off."""
    names = sorted(LINEAR_NAMES | _BLOCKS)
    parts = key.split(".")
    near = (
        next((n for n in names if is_near_miss(p, n)), p) if p not in names else p for p in parts
    )
    return ".".join(near)


def _check_missing_defaults(setting: Setting) -> Iterator[Hit]:
    """The hit for a block without keys that have defaults: the block replaces mlx-lm's own,
    defaults and all.
    """
    for name, usual in (("rank", "8"), ("scale", "20.0"), ("dropout", "0.0")):
        if name == "scale" and name in setting.mapping and setting.mapping[name] is None:
            yield Hit(
                "`scale` is null, and mlx-lm multiplies by it",
                (*setting.path, name),
                help=f"write scale: {usual}",
                field=name,
            )
        if name not in setting.mapping and name not in setting.suggestions.values():
            yield Hit(
                f"without `{name}` in lora_parameters mlx-lm stops with KeyError '{name}'",
                setting.path,
                help=f"write {name}: {usual}",
                field=name,
                key=True,
            )


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _build_alpha_hit(lora: Table, place: Any) -> Hit:
    rank, alpha = lora.get("rank", 8), lora.get("alpha")
    value = None
    if _is_number(rank) and _is_number(alpha):
        value = compute_scaling(alpha, rank)
    scale = "scale, which is alpha / rank" if value is None else f"scale: {value:g}"
    if "scale" in lora:
        return Hit(
            "mlx-lm has no alpha; only `scale` counts here",
            place,
            help="remove alpha",
            field="alpha",
            key=True,
            severity="warning",
        )
    return Hit(
        "mlx-lm has no alpha, and without `scale` it stops with KeyError 'scale'",
        place,
        help=f"write {scale}",
        field="alpha",
        key=True,
    )
