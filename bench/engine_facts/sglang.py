"""SGLang: the fields that are read, what is refused, layers that can be adapted, models with a list
of their own.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from .reading import (
    attributes,
    compared_strings,
    find_class,
    find_function,
    guards,
    keys,
    parse,
    read_value,
    strings,
)

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "sglang"
FOLDERS = ("sglang/srt/lora/", "sglang/srt/models/")


def extract(folder: Path) -> dict[str, Any]:
    """The facts of one release, from its unpacked sources."""
    lora = folder / "sglang" / "srt" / "lora"
    config, utils = parse(lora / "lora_config.py"), parse(lora / "utils.py")
    manager = parse(lora / "lora_manager.py")
    refuses = find_function(manager, "validate_new_adapter")
    return {
        "fields": sorted(set(keys(config, "self.hf_config"))),
        "refused": sorted(
            {name for branch in guards(refuses) for name in attributes(branch.test, "lora_config")}
        ),
        "added_tokens": _added_tokens(config),
        "leaves": sorted(_leaves(utils)),
        "string_targets": sorted(
            set(
                compared_strings(
                    find_function(utils, "get_normalized_target_modules"), "target_modules"
                )
            )
        ),
        "layers": _layers(parse(lora / "layers.py")),
        "expert_layers": find_class(parse(lora / "layers.py"), "FusedMoEWithLoRA") is not None,
        "own_layers": sorted(_own_layers(folder / "sglang" / "srt" / "models")),
    }


def _added_tokens(config: ast.Module | None) -> str:
    """Which tokens of an added_tokens.json count: none, all, or those above the vocabulary."""
    if find_function(config, "get_added_tokens_config") is None:
        return "none"
    return "new" if "base_vocab_size" in ast.unparse(config or ast.Module([], [])) else "all"


def _leaves(utils: ast.Module | None) -> set[str]:
    """Last parts of names that a layer of the server is found for: those whose sizes are known, and
    those that are told by one of these.
    """
    function = find_function(utils, "get_default_hidden_dim") or find_function(
        utils, "get_hidden_dim"
    )
    sized = set(compared_strings(function, "module_name"))
    sized |= _listed_names(utils, function)
    found = {name.rpartition(".")[2] for name in sized}
    for leaf, stacked in _leaf_mapping(utils).items():
        found |= {leaf} if stacked in sized or stacked in found else set()
    return {leaf for leaf in found if not leaf.endswith("_moe")}  # the server's own for experts


def _listed_names(utils: ast.Module | None, function: ast.AST | None) -> set[str]:
    """Names in the constants of the module that the function compares with."""
    told = {
        other.id
        for node in (ast.walk(function) if function is not None else ())
        if isinstance(node, ast.Compare) and ast.unparse(node.left) == "module_name"
        for other in node.comparators
        if isinstance(other, ast.Name)
    }
    return {
        text
        for line in (utils.body if utils is not None else ())
        if isinstance(line, (ast.Assign, ast.AnnAssign)) and line.value is not None
        for target in (line.targets if isinstance(line, ast.Assign) else [line.target])
        if ast.unparse(target) in told
        for text in strings(line.value)
    }


def _leaf_mapping(utils: ast.Module | None) -> dict[str, str]:
    """`params_mapping`: last part of a name -> the server's fused layer."""
    function = find_function(utils, "get_normalized_target_modules") or find_function(
        utils, "get_customized_names_from_hf_names"
    )
    found: dict[str, str] = {}
    for node in ast.walk(function) if function is not None else ():
        value = read_value(node) if isinstance(node, ast.Dict) else None
        if isinstance(value, dict):
            found |= {k: v for k, v in value.items() if isinstance(v, str)}
    return found


def _layers(layers: ast.Module | None) -> list[str]:
    """The classes of layers that have one with LoRA."""
    for node in ast.walk(layers) if layers is not None else ():
        if isinstance(node, ast.Assign) and "supported_layer_types" in ast.unparse(node.targets[0]):
            return sorted(
                ast.unparse(key) for key in getattr(node.value, "keys", []) if key is not None
            )
    return []


def _own_layers(models: Path) -> set[str]:
    """The classes that a checkpoint names (`EntryClass`) of the files with a list of their own."""
    found: set[str] = set()
    for file in sorted(models.glob("*.py")):
        text = file.read_text("utf-8")
        if not re.search(r"^    def get_hidden_dim\(", text, re.MULTILINE):
            continue
        entry = re.search(r"^EntryClass\s*=\s*(.+?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
        found |= set(re.findall(r"[A-Z]\w+", entry[1])) if entry else set()
    return found
