"""A LyCORIS file of SimpleTuner's that the trainer does not take, or that reaches no layer.

## What
The file that `lycoris_config` names, beside the config or in the folder it is started from,

- lacks `algo`, `multiplier`, `linear_alpha`, or `linear_dim` without `full_matrix`;
- has a key in `apply_preset` that LyCORIS does not know;
- has a `multiplier` or `linear_alpha` between 0 and 1, which is cut down to 0;
- names no classes (`apply_preset.target_module`) while the base model is quantised into layers of
  other classes;
- names `Attention` and `FeedForward` alone, where the family's model has classes of its own.

## Why
LyCORIS looks for classes by their names. Without `apply_preset` it looks for `Linear`, and a layer
that quanto or bitsandbytes has quantised is a `QLinear` or `Linear4bit`. It says "create LyCORIS: 0
modules", and the run stops: "optimizer got an empty parameter list". Missing keys stop it with
AssertionError. Seen in bghira/SimpleTuner issues 844 and 2435.

## Bad
```yaml
{"model_type": "lora", "lora_type": "lycoris", "lycoris_config": "lycoris_config.json",
 "model_family": "flux2", "model_flavour": "klein-9b"}
```
with `lycoris_config.json`:
```lycoris
{"algo": "lokr", "multiplier": 1.0, "linear_dim": 10000, "linear_alpha": 1, "factor": 16,
 "apply_preset": {"target_module": ["Attention", "FeedForward"]}}
```

## Good
```yaml
{"model_type": "lora", "lora_type": "lycoris", "lycoris_config": "lycoris_config.json",
 "model_family": "flux2", "model_flavour": "klein-9b"}
```
with `lycoris_config.json`:
```lycoris
{"algo": "lokr", "multiplier": 1.0, "linear_dim": 10000, "linear_alpha": 1, "factor": 16,
 "apply_preset": {"target_module": ["Flux2Attention", "Flux2FeedForward"]}}
```

## Fix
Write the key that is missing, whole numbers, and the classes of the family's model into
`apply_preset`: {"target_module": ["Attention", "FeedForward"]} for most.

## Source
SimpleTuner 4.10.1 `simpletuner/helpers/configuration/cmd_args.py` (line 1179),
`simpletuner/helpers/training/trainer.py` (line 3409), `simpletuner/helpers/models/flux2`,
`kandinsky5_video`, `cosmos3`, `krea2`; LyCORIS 4.1.3 `lycoris/wrapper.py` (`apply_preset`,
`TARGET_REPLACE_MODULE`). Executed on a tiny Flux: 28 modules without a preset, none of them where
quanto has quantised it.
"""

from __future__ import annotations

import re
from os.path import basename, dirname, isabs, join

from loracheck.documents.dependencies import is_file
from loracheck.documents.json_file import JsonFileError, load_json
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.rules.context import RuleContext

CODE = "LC731"
NAME = "lycoris-file"
SEVERITY = "error"

_PRESET_KEYS = frozenset(
    {
        *("enable_conv", "target_module", "target_name", "module_algo_map", "name_algo_map"),
        *("lora_prefix", "use_fnmatch", "unet_target_module", "unet_target_name"),
        *("text_encoder_target_module", "text_encoder_target_name", "exclude_name"),
    }
)
_USUAL = frozenset({"Attention", "FeedForward"})
_OWN_CLASSES = {
    "flux2": ("Flux2Attention", "Flux2FeedForward", "Flux2ParallelSelfAttention"),
    "kandinsky5-image": ("Kandinsky5Attention", "Kandinsky5FeedForward"),
    "kandinsky5_image": ("Kandinsky5Attention", "Kandinsky5FeedForward"),
    "kandinsky5-video": ("Kandinsky5Attention", "Kandinsky5FeedForward"),
    "kandinsky5_video": ("Kandinsky5Attention", "Kandinsky5FeedForward"),
    "cosmos3": ("Cosmos3PackedMoTAttention",),
    "krea2": ("Krea2Attention",),
}
"""Families whose model has no layer of the usual classes -> classes of its own."""

_RENAMED = re.compile(r"quanto|bnb")
"""Precisions whose quantised layers are of another class than `Linear`."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each thing that is wrong with the file; none where it is not there."""
    setting = context.setting
    if not context.on_disk:
        return
    plain = {str(name).removeprefix("--"): value for name, value in setting.mapping.items()}
    name = plain.get("lycoris_config")
    if plain.get("lora_type") != "lycoris" or not isinstance(name, str):
        return
    key = "lycoris_config" if "lycoris_config" in setting.mapping else "--lycoris_config"
    values = _read_file(context.document.path, name)
    for message, help in _list_troubles(values, plain) if values is not None else ():
        yield Hit(f"{name} {message}", (*setting.path, key), help=help, field=key)


def _read_file(path: str, name: str) -> dict[str, Any] | None:
    """The values of the file, beside the config or in a folder above; None where it is not found,
    or is no JSON.
    """
    folder = dirname(path)
    places = [join(folder, name), join(dirname(folder), name), join(folder, basename(name))]
    found = next((one for one in places if is_file(one)), None)
    if found is None or isabs(name):
        return None
    try:
        value = load_json(found)
    except (OSError, JsonFileError):
        return None
    return value if isinstance(value, dict) else None


def _list_troubles(values: dict[str, Any], plain: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the file, and what to write."""
    missing = [key for key in ("algo", "multiplier", "linear_alpha") if key not in values]
    if values.get("full_matrix") is not True and "linear_dim" not in values:
        missing.append("linear_dim")
    if missing:
        yield (
            f"has no {quote_names(missing)}: AssertionError",
            f"write {quote_names(missing)} into it",
        )
    for key in ("multiplier", "linear_alpha"):
        number = values.get(key)
        if isinstance(number, float) and 0 < number < 1:
            yield (
                f"has {key} {number:g}, of which the trainer takes the whole part: 0",
                f"write {key} 1 or more",
            )
    preset = values.get("apply_preset")
    if preset is not None and not isinstance(preset, dict):
        return
    unknown = sorted(str(key) for key in (preset or {}) if key not in _PRESET_KEYS)
    if unknown:
        yield (
            f"has {quote_names(unknown)} in apply_preset: KeyError, unknown preset key",
            "write target_module for classes, target_name for names of layers",
        )
    yield from _check_classes(preset or {}, plain)


def _check_classes(preset: dict[str, Any], plain: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the classes that a preset names, as far as it names nothing else."""
    maps = [preset.get(key) or {} for key in ("target_module", "module_algo_map")]
    classes = {name for one in maps if isinstance(one, (list, dict)) for name in one}
    if preset.get("target_name") or preset.get("name_algo_map"):
        return
    family, precision = str(plain.get("model_family")), str(plain.get("base_model_precision"))
    own = _OWN_CLASSES.get(family, ())
    if not classes and _RENAMED.search(precision):
        usual = list(own) or sorted(_USUAL)
        yield (
            f"names no classes in apply_preset, and {precision} leaves no layer of the class "
            "Linear: 0 modules",
            f'write "apply_preset": {{"target_module": [{", ".join(map(_quote, usual))}]}}',
        )
    elif own and classes and classes <= _USUAL:
        yield (
            f"names {quote_names(sorted(classes))}, and no layer of {family} is of that class: 0 "
            "modules",
            f"write {quote_names(list(own))} into target_module",
        )


def _quote(name: str) -> str:
    return f'"{name}"'
