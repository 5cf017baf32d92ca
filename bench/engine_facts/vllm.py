"""vLLM: ranks, the fields that are read and refused, options of the server, classes with experts
in one tensor.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from bench.serving import Modules, inheritance, read_registry

from .reading import (
    attributes,
    find_class,
    find_function,
    guards,
    keys,
    list_fields,
    parse,
    read_value,
    strings,
)

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "vllm"
MARK = "is_3d_moe_weight"
FOLDERS = ("vllm/model_executor/models/", "vllm/models/", "vllm/lora/", "vllm/config")


def extract(folder: Path) -> dict[str, Any]:
    """The facts of one release, from its unpacked sources."""
    lora = folder / "vllm" / "lora"
    config = parse(folder / "vllm/config/lora.py", folder / "vllm/config.py") or parse(
        folder / "vllm/config/__init__.py"
    )
    options = find_class(config, "LoRAConfig")
    if options is None:  # 0.9 and 0.10 have it in a package of several files
        options = find_class(parse(folder / "vllm/config/__init__.py"), "LoRAConfig")
    helper = parse(lora / "peft_helper.py")
    model = parse(lora / "lora_model.py", lora / "models.py")
    cls = find_class(helper, "PEFTHelper")
    return {
        "ranks": _ranks(config, options),
        "default_rank": read_value(list_fields(options).get("max_lora_rank")),
        "options": sorted(list_fields(options)),
        "fields": _fields(cls, model),
        "refused": _refused_fields(cls),
        "saved": _saved(cls),
        "inits": sorted(strings(find_function(cls, "_init_is_supported"))),
        "base_embedding": "base_embed" in _text(lora / "utils.py"),
        "expert_layers": _has_expert_layers(lora),
        "text_names": _maps_text_names(lora),
        "experts_in_one_tensor": _experts_in_one_tensor(folder),
    }


def _ranks(config: ast.Module | None, options: ast.ClassDef | None) -> list[int]:
    for node in ast.walk(config) if config is not None else ():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in (
            "MaxLoRARanks",
            "possible_max_ranks",
        ):
            literal = node.value.slice if isinstance(node.value, ast.Subscript) else node.value
            return list(read_value(literal) or ())
    for node in ast.walk(options) if options is not None else ():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "possible_max_ranks":
            return list(read_value(node.value) or ())
    return []


def _fields(cls: ast.ClassDef | None, model: ast.Module | None) -> list[str]:
    """Fields of an adapter_config.json that are read."""
    if cls is None:
        return sorted(set(keys(find_function(model, "from_local_checkpoint"), "config")))
    return sorted(name for name in list_fields(cls) if not name.startswith("vllm_"))


def _refused_fields(cls: ast.ClassDef | None) -> list[str]:
    """Fields that a condition before a complaint speaks of, through the class's own methods too."""
    fields = set(list_fields(cls))
    found: set[str] = set()
    for name in ("_validate_features", "validate_legal"):
        for branch in guards(find_function(cls, name)):
            for attribute in attributes(branch.test, "self"):
                method = find_function(cls, attribute)
                found |= {attribute, *attributes(method, "self")}
    return sorted(found & fields - {"r", "rank_pattern"})


def _saved(cls: ast.ClassDef | None) -> list[str]:
    """The modules that may be trained in full."""
    for branch in guards(find_function(cls, "_validate_features")):
        if "modules_to_save" in attributes(branch.test, "self"):
            lists = [one for one in ast.walk(branch) if isinstance(one, ast.Compare)]
            return sorted({text for one in lists for text in strings(one)})
    return []


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


def _has_expert_layers(lora: Path) -> bool:
    files = sorted((lora / "layers").rglob("*.py")) if (lora / "layers").is_dir() else []
    return any(find_class(parse(file), "FusedMoEWithLoRA") for file in files)


def _maps_text_names(lora: Path) -> bool:
    manager = parse(lora / "model_manager.py")
    return find_function(manager, "_get_text_lora_names") is not None


def _experts_in_one_tensor(folder: Path) -> list[str]:
    """Architectures whose class says `is_3d_moe_weight = True`, or inherits it."""
    files = _files_that_may_say_so(folder / "vllm" / "model_executor" / "models")
    modules = Modules(folder)
    return sorted(
        name
        for name, place in read_registry(folder).items()
        if place[0].rpartition(".")[2] in files
        if any(own and own.attributes.get(MARK) for _, own in inheritance(modules, *place))
    )


def _files_that_may_say_so(models: Path) -> set[str]:
    """Stems of the files that speak of the mark, and of those that import from them, and so on;
    the others need not be parsed.
    """
    texts = {file.stem: file.read_text("utf-8") for file in models.rglob("*.py")}
    found = {stem for stem, text in texts.items() if MARK in text} - {"interfaces"}
    while True:
        imports = re.compile(rf"from [\w.]*\.({'|'.join(found)})(\.\w+)* import")
        more = {stem for stem, text in texts.items() if found and imports.search(text)} - found
        if not more:
            return found
        found |= more
