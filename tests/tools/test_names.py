"""A tool is one file (an older release may have one beside it, `ms_swift_2.py`) and the files of
what it refuses and of its network modules: no other module of the product has its name as a string.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import loracheck
from loracheck.tools.core.build_index import list_all_tools

PACKAGE = Path(loracheck.__file__).parent
REFUSALS = PACKAGE / "tools" / "refusals"
"""One file a tool; a value of one tool's key may be another tool's name (`tuner_backend`)."""

DATA = (REFUSALS, PACKAGE / "tools" / "networks")
"""Folders with one file a tool."""

PACKAGES = ("verl", "ms-swift", "ms_swift", "llamafactory")
PRESETS = {("simpletuner_families.py", "ai-toolkit"), *(("pin.py", name) for name in PACKAGES)}
"""Words of one tool's options that are another tool's name, and the names of packages."""

LIBRARIES = {"diffusers", "trl"}
"""Names of tools that are a library's too, which other modules may speak of."""


def test_no_tool_is_named_outside_its_own_file() -> None:
    spellings = {
        name: tool.name.replace("-", "_")
        for tool in list_all_tools()
        for name in (tool.name, tool.name.replace("-", "_"))
        if tool.name not in LIBRARIES
    }
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.value}"
        for path in PACKAGE.rglob("*.py")
        if path.parent not in DATA
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value in spellings
        and (path.name, node.value) not in PRESETS
        and not (path.parent == PACKAGE / "tools" and path.stem.startswith(spellings[node.value]))
    ]
    assert found == []


SPEAKING = {
    "config/foreign_arguments.py": "says whose call an argument belongs to",
    "rules/support/other_checkpoints.py": "ends of names of models that are stored otherwise",
    "rules/support/conversion_commands.py": "the commands' own programs, in its messages",
    "rules/support/ollama_models.py": "an organisation of the Hub, in names of its models",
    "rules/fields/lc148_merged_model_rounded.py": "whose loader rounds by default",
    "rules/fields/lc149_unsloth_imported_late.py": "the trap's tool, in its message",
    "rules/fields/lc153_config_not_used.py": "the trainers that take a config",
    "rules/fields/lc170_quantized_without_adapter.py": "the loaders of a quantised model",
    "rules/fields/lc176_unsloth_refuses_model.py": "the trap's tool, in its message",
    "rules/fields/lc177_vllm_not_started.py": "the trap's tool, in its message",
    "releases/pins/pin.py": "the package's name",
    "lora_files/metadata.py": "says whose metadata it is",
    "lora_files/naming.py": "says whose names these are",
    "options/hooks.py": "tells people which files a hook is for",
    "rules/support/name_typos.py": "says whose names these are",
    "rules/support/engine_verdicts.py": "an engine that has a tool's name",
    "rules/tools/lc703_one_name_is_a_regex.py": "the trap's tool, in its message",
    "rules/tools/lc704_mlx_keys.py": "the trap's tool, in its message",
    "rules/tools/lc705_axolotl_adapter.py": "the trap's tool, in its message",
    "rules/tools/lc708_torchtune_modules.py": "the trap's tool, in its message",
    "rules/weights/lc608_weights_foreign_names.py": "says whose names these are",
    "trees/layouts.py": "the source in which names of layers were read",
    "trees/sources/copies.py": "says whose copy a model is",
    "trees/skeleton/hidden.py": "packages that are not imported",
}
"""Modules outside the tools whose texts for people have a tool's name in them, and why."""


def test_no_longer_text_names_a_tool() -> None:
    """Neither a pattern nor a message: what people are told of a tool stands in the tool's file, or
    in the rule that is about its trap. What is a library of models too (diffusers) may be named as
    that.
    """
    names = {tool.name for tool in list_all_tools()} - LIBRARIES
    pattern = r"(?<![\w-])(?:{})(?![\w-])".format("|".join(map(re.escape, names)))
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path.parent not in (PACKAGE / "tools", *DATA)
        and any(re.search(pattern, text, re.IGNORECASE) for text in _texts(path))
    }
    assert found <= set(SPEAKING)


def _texts(path: Path) -> Iterator[str]:
    """The strings of a module that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def test_a_file_of_data_is_a_tools() -> None:
    names = {tool.name.replace("-", "_") for tool in list_all_tools()}
    stems = {path.stem for folder in DATA for path in folder.glob("*.py")} - {"__init__"}
    # A long table has parts beside it: axolotl_plugins.py beside axolotl.py.
    assert {stem for stem in stems if not any(stem.startswith(f"{n}_") for n in names)} <= names


def test_no_tool_imports_are_written_outside_the_tools() -> None:
    modules = {f"loracheck.tools.{tool.name.replace('-', '_')}" for tool in list_all_tools()}
    found = [
        f"{path.relative_to(PACKAGE)} {node.module}"
        for path in PACKAGE.rglob("*.py")
        if PACKAGE / "tools" not in path.parents
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in modules
    ]
    assert found == []
