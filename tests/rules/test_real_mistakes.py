"""Mistakes that real people made, from public threads kept beside the repository.

Taken are the cases whose label says that field schema, module tree, model config, versions or what
a server takes are enough, and whose config is shown. mistakes.json says what each is held against
and what must be found, or why it cannot be judged; a case that is in neither list fails.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.rules import RuleContext, list_all_rules
from loracheck.tools import find_settings
from loracheck.tools.core.setting import Setting
from loracheck.trees.builder import BuildError, build
from loracheck.trees.model import ModuleTree
from loracheck.trees.sources import bundle
from loracheck.trees.sources.request import NO_MODEL, ResolvedTree
from loracheck.trees.tensors import nest_names as from_names

from ..shared import FOLDER

FILE = FOLDER / "research" / "real_mistakes.json"
HERE = Path(__file__).parent
TABLE: dict[str, dict[str, Any]] = json.loads((HERE / "mistakes.json").read_text())
REMOTE: dict[str, Any] = json.loads((HERE / "remote_names.json").read_text())
ENOUGH = {
    *("schema only", "module tree", "peft version", "transformers version", "model class"),
    *("model_type", "model config", "model config (tie_word_embeddings)", "base model config"),
    *("parameter count", "serving engine limits"),
}
KEYS = {
    **dict.fromkeys(["lora_target", "lora_target_modules", "lora_attn_modules"], "target_modules"),
    "additional_target": "modules_to_save",
    "lora_r": "r",
    "lora_rank": "r",
    "rank": "r",
}
LISTED = ("lora_target", "additional_target")
"""Fields in which LLaMA-Factory takes a comma-separated string for a list."""
TOOLS_OWN = ("new_special_tokens", "resize_vocab", "train_type", "finetuning_type", "adapter")


def mistakes() -> list[dict[str, Any]]:
    """The cases that can be expected to be found."""
    found = json.loads(FILE.read_text()) if FILE.is_file() else []
    return [
        case
        for case in found
        if case["statically_detectable"]["answer"] == "yes"
        and set(case["statically_detectable"]["needs"]) <= ENOUGH
        and case["config"] is not None
    ]


CASES = mistakes()


def fields(case: dict[str, Any]) -> dict[str, Any]:
    """The config in PEFT's names, as the tool would hand it on."""
    made: dict[str, Any] = {}
    for key, value in case["config"].items():
        if key in TOOLS_OWN:
            continue
        if key in LISTED and isinstance(value, str) and value != "all":
            value = [part.strip() for part in value.split(",")]
        made[KEYS.get(key, key)] = "all-linear" if value == "all" else value
    return made


def written(case: dict[str, Any], how: dict[str, Any]) -> Setting:
    """The Setting of a file with the config: a tool's YAML, PEFT's own JSON, or a Python call."""
    if "yaml" in how:
        lines = [*how["yaml"], *(f"{key}: {value}" for key, value in case["config"].items())]
        return find_settings(read("train.yaml", "\n".join(lines) + "\n"))[0]
    config = {**fields(case), **how.get("more", {})}
    if how.get("saved"):
        text = json.dumps({"peft_type": "LORA", **config})
        return find_settings(read("adapter_config.json", text))[0]
    arguments = ", ".join(f"{k}={_spelt(v)}" for k, v in config.items())
    text = f"from peft import LoraConfig, TaskType\nlora_{how.get('source', 'targets = []')}\n"
    return find_settings(read("train.py", f"{text}config = LoraConfig({arguments})\n"))[0]


def _spelt(value: Any) -> str:
    """Python source; what the thread shows as an expression stays one."""
    expression = isinstance(value, str) and (value.startswith("TaskType.") or ".append(" in value)
    return str(value) if expression else repr(value)


@cache
def from_transformers(model_type: str) -> ModuleTree:
    """A model type's default config, built without torch; skipped where transformers is absent."""
    try:
        return build({"model_type": model_type}, ())
    except BuildError as error:
        if error.kind == "library-missing":
            pytest.skip(error.reason)
        raise


def from_remote_code(name: str) -> ModuleTree:
    """The tensor names of an architecture whose code transformers does not have."""
    entry = REMOTE[name]
    layers = [entry["layer"].format(number) for number in range(entry["layers"])]
    places = [layer + end for layer in layers for end in entry["in_layer"]]
    names = [f"{place}.weight" for place in (*places, *entry["outside"])]
    return from_names(dict.fromkeys(names), name, entry["cls"])


def tree(how: dict[str, Any]) -> ModuleTree | None:
    """What the case is held against."""
    if "remote" in how:
        return from_remote_code(how["remote"])
    if "model" in how:
        return bundle.find_tree(how["model"], (how["head"],) if "head" in how else ())
    return from_transformers(how["build"]["model_type"]) if "build" in how else None


@pytest.mark.skipif(not CASES, reason="no collection of real mistakes")
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_mistake_is_found(case: dict[str, Any]) -> None:
    if case["id"] in TABLE["not_judged"]:
        pytest.skip(TABLE["not_judged"][case["id"]])
    how = TABLE["judged"][case["id"]]
    setting, known = written(case, how), tree(how)
    if "model" in how:
        assert known is not None, "the model is no longer bundled"
    setting.class_given = "head" in how
    resolved = NO_MODEL if known is None else ResolvedTree(known, "the test")
    judged = RuleContext(setting, resolved, how.get("peft"), serve=tuple(how.get("serve", ())))
    codes = {rule.code for rule in list_all_rules() for _ in rule.check(judged)}
    assert set(how["codes"]) <= codes, codes
