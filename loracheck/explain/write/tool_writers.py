"""One writer per tool, each the mirror of its dialect (`loracheck/tools/`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from . import python_text
from .request import WriteRequest, WriteResult, select_fields, split_unknown
from .yaml_text import format_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.tools.core.tool import Tool


class FileFormat(NamedTuple):
    """A tool's file: its title, a name for the file, whether it has comments."""

    title: str
    file: str
    comments: bool = True


WRITABLE_TOOLS: dict[str, FileFormat] = {
    "peft": FileFormat("Python (PEFT)", "lora.py"),
    "peft-json": FileFormat("adapter_config.json", "adapter_config.json", comments=False),
    "axolotl": FileFormat("axolotl", "axolotl.yaml"),
    "llamafactory": FileFormat("LLaMA-Factory", "llamafactory.yaml"),
    "trl": FileFormat("TRL", "trl.yaml"),
    "ms-swift": FileFormat("ms-swift", "swift.yaml"),
    "oumi": FileFormat("oumi", "oumi.yaml"),
    "unsloth": FileFormat("Python (Unsloth)", "unsloth_lora.py"),
}
"""The tools that can be written for."""


def write(request: WriteRequest, tool: str) -> WriteResult:
    """The text of a file for the tool. Raises KeyError for a tool that is not in FORMS."""
    plain, lost = split_unknown(request)
    made = _WRITERS[tool](plain)
    left = (name for name in made.left_out if name in request.values)
    return made._replace(left_out=tuple(dict.fromkeys((*left, *lost))))


def _write_json(request: WriteRequest) -> WriteResult:
    values = select_fields(request.values, {})
    model = request.values.get("base_model_name_or_path", request.model)
    full = {"peft_type": "LORA", "base_model_name_or_path": model, **values}
    return WriteResult(json.dumps(full, indent=2, ensure_ascii=False) + "\n")


class _Draft:
    """The keys of a tool's file in the making: what the key map knows, by the tool's names."""

    def __init__(self, request: WriteRequest, tool: Tool, fixed: dict[str, Any]) -> None:
        """`fixed` are fields that the tool sets itself, whatever the file says."""
        self.request = request
        defaults = {k.field: k.default for k in tool.keys if k.field and _is_passed(k.default)}
        self.values = select_fields(request.values, {**defaults, **fixed})
        names = {k.field: k.name for k in tool.keys if k.field}
        self.left = [n for n in self.values if n not in names]
        self.keys = {names[n]: v for n, v in self.values.items() if n in names}
        self.names = names
        for name, value in self.values.items():
            if value is None and name in names and defaults.get(name) is not None:
                self.leave_out(name)  # null is as good as nothing: the tool takes its own

    def finish(self, before: dict[str, Any], path: tuple[str, ...] = ()) -> WriteResult:
        """The file: `before` at the top, the keys in the block at `path`."""
        inner = self.keys
        for key in reversed(path):
            inner = {key: inner}
        lead = "".join(f"{key}." for key in path)
        reasons = {
            f"{lead}{self.names[field]}": text
            for field, text in self.request.reasons.items()
            if field in self.names
        }
        text = format_document({**before, **inner}, reasons, self.request.head)
        return WriteResult(text, tuple(self.left))

    def leave_out(self, field: str) -> None:
        """The tool cannot say this value."""
        self.keys.pop(self.names[field], None)
        self.left.append(field)


def _is_passed(default: Any) -> bool:
    from loracheck.tools.core.tool import UNSET

    return default is not UNSET


def _write_axolotl(request: WriteRequest) -> WriteResult:
    from loracheck.tools.axolotl import TOOL

    draft = _Draft(request, TOOL, {"task_type": "CAUSAL_LM"})
    if draft.keys.get("lora_target_modules") == "all-linear":
        del draft.keys["lora_target_modules"]
        draft.keys["lora_target_linear"] = True
        draft.names["target_modules"] = "lora_target_linear"
    if draft.values.get("init_lora_weights") is False:
        draft.leave_out("init_lora_weights")  # it passes on what counts as true alone
    loftq = request.values.get("loftq_config")
    if isinstance(loftq, dict) and loftq and "loftq_config" in draft.left:
        draft.left.remove("loftq_config")
        draft.keys["peft"] = {"loftq_config": dict(loftq)}
    few = request.quantization
    top: dict[str, Any] = {"base_model": request.model}
    if few is not None:
        top[f"load_in_{few}"] = True
    return draft.finish({**top, "adapter": "qlora" if few == "4bit" else "lora"})


def _write_llamafactory(request: WriteRequest) -> WriteResult:
    from loracheck.tools.llamafactory import TOOL

    draft = _Draft(request, TOOL, {"task_type": "CAUSAL_LM", "lora_alpha": None})
    target = draft.keys.get("lora_target")
    if target == "all-linear":
        draft.keys["lora_target"] = "all"
    elif isinstance(target, list) and _can_join(target):
        draft.keys["lora_target"] = ",".join(target)
    elif target is not None:
        draft.leave_out("target_modules")  # split at commas: no way to give an expression
    saved = draft.keys.get("additional_target")
    if isinstance(saved, list) and _can_join(saved):
        draft.keys["additional_target"] = ",".join(saved)
    elif saved is not None:
        draft.leave_out("modules_to_save")
    init = draft.values.get("init_lora_weights")
    if isinstance(init, str) and init.startswith("pissa"):
        draft.left.remove("init_lora_weights")
        turns = init.removeprefix("pissa_niter_")
        draft.keys |= {"pissa_init": True, "pissa_iter": int(turns) if turns.isdecimal() else -1}
    top: dict[str, Any] = {"model_name_or_path": request.model}
    top |= {"stage": "sft", "do_train": True}
    if request.quantization:
        top["quantization_bit"] = 8 if request.quantization == "8bit" else 4
    return draft.finish({**top, "finetuning_type": "lora"})


def _can_join(names: list[Any]) -> bool:
    """Whether names with commas between them can be told apart again."""
    plain = (isinstance(name, str) and name == name.strip() and "," not in name for name in names)
    return bool(names) and all(plain) and names != ["all"] and "" not in names


def _write_trl(request: WriteRequest) -> WriteResult:
    from loracheck.tools.trl import TOOL

    draft = _Draft(request, TOOL, {})
    target = draft.keys.get("lora_target_modules")
    if isinstance(target, (list, tuple)) and len(target) == 1:
        # TRL unwraps a list of one, and a lone name would be an expression for whole names.
        draft.keys["lora_target_modules"] = regex_for_name(str(target[0]))
    top: dict[str, Any] = {"model_name_or_path": request.model, "use_peft": True}
    if request.quantization:
        top[f"load_in_{request.quantization}"] = True
    return draft.finish(top)


def regex_for_name(name: str) -> str:
    """An expression for whole names that matches what the name alone matches in a list."""
    import re

    return name if name == "all-linear" else rf"(.*\.)?{re.escape(name)}"


def _write_swift(request: WriteRequest) -> WriteResult:
    from loracheck.tools.ms_swift import TOOL

    values = {**request.values}
    task = values.get("task_type")
    if isinstance(task, str):
        values["task_type"] = task.lower()
    draft = _Draft(request._replace(values=values), TOOL, {})
    target = draft.keys.get("target_modules")
    if target == "all-linear":
        draft.keys["target_modules"] = ["all-linear"]
    elif isinstance(target, str):
        del draft.keys["target_modules"]
        draft.keys["target_regex"] = target
        draft.names["target_modules"] = "target_regex"
    top: dict[str, Any] = {"model": request.model, "tuner_type": "lora"}
    if request.quantization:
        top |= {"quant_method": "bnb", "quant_bits": 8 if request.quantization == "8bit" else 4}
    return draft.finish(top)


def _write_oumi(request: WriteRequest) -> WriteResult:
    from loracheck.tools.oumi import TOOL

    draft = _Draft(request, TOOL, {"init_lora_weights": True})
    target = draft.keys.get("lora_target_modules")
    if target == "all-linear":
        draft.keys["lora_target_modules"] = ["all-linear"]
    elif isinstance(target, str):
        draft.leave_out("target_modules")  # a list of names is all that oumi takes
    exclude = draft.keys.get("lora_exclude_modules")
    if isinstance(exclude, str):
        draft.keys["lora_exclude_modules"] = [exclude]
    init = draft.keys.get("lora_init_weights")
    if init is not None:
        word = _OUMI_INITS.get(init) if isinstance(init, (bool, str)) else None
        draft.keys["lora_init_weights"] = word
        if word is None:
            draft.leave_out("init_lora_weights")
    if request.quantization:
        draft.keys |= {"q_lora": True, "q_lora_bits": 8 if request.quantization == "8bit" else 4}
    top = {"model": {"model_name": request.model}, "training": {"use_peft": True}}
    return draft.finish(top, ("peft",))


_OUMI_INITS = {
    True: "DEFAULT",
    False: "RANDOM",
    "gaussian": "GAUSSIAN",
    "eva": "EVA",
    "pissa": "PISA",
    "loftq": "LOFTQ",
    "olora": "OLORA",
}
"""Its words for init_lora_weights (oumi's LoraWeightInitialization)."""


_WRITERS: dict[str, Callable[[WriteRequest], WriteResult]] = {
    "peft": python_text.write_peft_script,
    "peft-json": _write_json,
    "axolotl": _write_axolotl,
    "llamafactory": _write_llamafactory,
    "trl": _write_trl,
    "ms-swift": _write_swift,
    "oumi": _write_oumi,
    "unsloth": python_text.write_unsloth_script,
}
