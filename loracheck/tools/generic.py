"""LoraConfig's keyword arguments in any JSON or YAML mapping, at the top or anywhere in the tree.

Home-made training scripts read them with `LoraConfig(**config["lora"])`. What a mapping must have
to be taken for one stands in evidence.py. Keys that LoraConfig does not have are left alone unless
they are one of its names misspelt: the script may read the others itself. Where there are none, the
names that scripts of one's own have (`lora_r`) are looked for, of which the values can be judged.
"""

from __future__ import annotations

from itertools import islice

from loracheck.config.field_table import find_closest_field
from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core import standalone_options
from .core.conversion import split_names
from .core.field_names import MAX_SETTINGS, find_unknown_fields, get_field_names, get_heads
from .core.lookup import get_text
from .core.lora_evidence import (
    find_misspelt_fields,
    has_mostly_fields,
    is_lora_block,
    is_lora_kwargs,
    is_script_config,
)
from .core.saved_config import is_saved
from .core.script_words import read_script_words
from .core.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.model import Document, Path, Span
    from loracheck.documents.values import Table, Value

NAME = "generic"

MODEL_KEYS = (
    "base_model_name_or_path",
    "pretrained_model_name_or_path",
    "model_name_or_path",
    "base_model",
    "base_model_id",
    "base_model_path",
    "base_model_name",
    "model_id",
    "model_path",
    "model_name",
    "model",
    "name_or_path",
)
"""Keys under which home-made configs name the base model, the surest first."""

_IN_MODEL = (*MODEL_KEYS, "base", "name", "path", "id", "pretrained", "checkpoint")
"""The same inside a mapping that is itself called `model` or `base_model`."""

_CHOICES = frozenset({"target_modules", "target_parameters"})
"""Fields that choose layers: a script adds them to a mapping that has neither, more often than it
leaves them to PEFT's defaults.
"""

Chain = tuple[tuple["Path", "dict[Any, Any]"], ...]


def read(document: Document) -> list[Setting] | None:
    """One Setting for each mapping that is LoraConfig's arguments."""
    found = _read(document)
    if document.format == "yaml" and any(setting.model is None for setting in found):
        from .core.composed_model import add_composed_models

        add_composed_models(document, found, _find_model)
    return found


def _read(document: Document) -> list[Setting]:
    chains = (
        chain
        for number, root in enumerate(document.roots)
        for chain in _iterate_mappings(root, (number,), ())
        if _is_lora(chain[-1][1])
    )
    script_settings = [_build_setting(document, chain) for chain in islice(chains, MAX_SETTINGS)]
    if not script_settings and "lora_r" in document.text:
        script_settings = _find_script_settings(document)
    if not script_settings:
        return _find_block_settings(document)
    return (
        _drop_merged(document, script_settings)
        if len(script_settings) > 1 and "<<" in document.text
        else script_settings
    )


def _find_script_settings(document: Document) -> list[Setting]:
    """The values under the names that scripts of one's own have (`lora_r`, `lora_alpha`)."""
    settings: list[Setting] = []
    for number, root in enumerate(document.roots):
        for chain in _iterate_mappings(root, (number,), ()):
            path, mapping = chain[-1]
            if is_script_config(mapping):
                setting = standalone_options.make_partial_setting(
                    standalone_options.SCRIPT, document, path, mapping
                )
                setting.model, setting.model_place = _find_model(chain)
                settings.append(setting)
    return settings[:MAX_SETTINGS]


_BLOCK_KEYS = {
    "rank": "r",
    "r": "r",
    "alpha": "lora_alpha",
    "lora_alpha": "lora_alpha",
    "dropout": "lora_dropout",
    "lora_dropout": "lora_dropout",
    "targets": "target_modules",
    "target_modules": "target_modules",
}
"""Keys of such a block, and the fields that they can only be."""


def _find_block_settings(document: Document) -> list[Setting]:
    """The blocks that scripts of one's own name in their own way (`lora: {rank: 16, ...}`). What
    the script makes of them is not known: what depends on the model is said one step softer.
    """
    chains = (
        chain
        for number, root in enumerate(document.roots)
        for chain in _iterate_mappings(root, (number,), ())
        if len(chain) > 1 and is_lora_block(chain[-1][0][-1], chain[-1][1])
    )
    return [_build_block_setting(document, chain) for chain in islice(chains, MAX_SETTINGS)]


def _build_block_setting(document: Document, chain: Chain) -> Setting:
    path, mapping = chain[-1]
    keys = {field: key for key, field in _BLOCK_KEYS.items() if mapping.get(key) is not None}
    model, place = _find_model(chain)
    return Setting(
        tool_name=NAME,
        form="mapping",
        document=document,
        path=path,
        fields={field: _read_block_value(field, mapping[key]) for field, key in keys.items()},
        places={field: (*path, key) for field, key in keys.items()},
        keys={field: key for field, key in keys.items() if field != key},
        model=model,
        model_place=place,
        assumed=True,
        complete=False,
    )


def _read_block_value(field: str, value: Value) -> Value:
    """What a script likely makes of text: the names between commas, a number that is not known."""
    if not isinstance(value, str):
        return value
    if field != "target_modules":
        return Unknown("text, which the script may turn into a number")
    return split_names(value) if "," in value else value


def _drop_merged(document: Document, all_settings: list[Setting]) -> list[Setting]:
    """Without the mappings that only stand there to be merged (`<<: *base`) into others of them."""
    settings = [
        {(key, document.span(place, key=True)) for key, place in setting.places.items()}
        for setting in all_settings
    ]
    return [
        setting
        for setting, keys in zip(all_settings, settings, strict=True)
        if not any(keys & other and _is_merged_into(keys, other) for other in settings)
    ]


def _is_merged_into(keys: set[tuple[str, Span]], other: set[tuple[str, Span]]) -> bool:
    """Whether every key of `keys` is in `other`, by a merge or overridden, and `other` has more."""
    return keys != other and {key for key, _ in keys} <= {key for key, _ in other}


def _iterate_mappings(value: Value, path: Path, above: Chain) -> Iterator[Chain]:
    """Every mapping of the tree with those that enclose it, outermost first."""
    if isinstance(value, dict):
        chain = (*above, (path, value))
        yield chain
        for key, item in value.items():
            if isinstance(key, (str, int)):
                yield from _iterate_mappings(item, (*path, key), chain)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _iterate_mappings(item, (*path, index), above)


def _is_lora(mapping: Table) -> bool:
    method = mapping.get("peft_type") or "LORA"
    if "peft_type" in mapping and not has_mostly_fields(mapping):
        return False
    return is_lora_kwargs(mapping) and isinstance(method, str) and method.upper() == "LORA"


def _build_setting(document: Document, chain: Chain) -> Setting:
    path, mapping = chain[-1]
    wrong = find_misspelt_fields(mapping)
    if "peft_type" in mapping:  # LoraConfig's own file: another tool's names are wrong too
        wrong = {
            key: name for key in find_unknown_fields(mapping) if (name := find_closest_field(key))
        } | wrong
    fields = {
        key: value for key, value in mapping.items() if key in get_field_names() or key in wrong
    }
    words = {} if has_mostly_fields(mapping) else read_script_words(mapping)
    fields = {key: value for key, value in fields.items() if key not in words}
    unwritten: dict[str, Value] = {}
    if "peft_type" not in mapping and not {*mapping, *wrong.values()} & _CHOICES:
        unwritten["target_modules"] = Unknown("the script may name them")
    model, place = _find_model(chain)
    return Setting(
        tool_name=NAME,
        form="mapping",
        document=document,
        path=path,
        fields=fields | unwritten | {word.field: word.value for word in words.values()},
        places={key: (*path, key) for key in fields}
        | {word.field: (*path, key) for key, word in words.items()},
        keys={word.field: key for key, word in words.items() if word.field != key},
        unknown_keys={key: (*path, key) for key in wrong},
        model=model,
        model_place=place,
        revision=get_text(mapping, "revision"),
        heads=get_heads(mapping.get("task_type")),
        purpose="saved" if is_saved(mapping) else "training",
    )


def _find_model(chain: Chain) -> tuple[str | Unknown | None, Path | None]:
    """The base model from the mapping itself or the nearest one that encloses it."""
    for path, mapping in reversed(chain):
        for key in MODEL_KEYS:
            value = mapping.get(key)
            if _is_name(value):
                return value, (*path, key)
            if isinstance(value, dict) and mapping is not chain[-1][1]:
                inner = next((k for k in _IN_MODEL if _is_name(value.get(k))), None)
                if inner is not None:
                    return value[inner], (*path, key, inner)
    return None, None


def _is_name(value: Value) -> bool:
    return isinstance(value, Unknown) or (isinstance(value, str) and bool(value.strip()))
