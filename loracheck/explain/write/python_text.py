"""Python scripts: PEFT's LoraConfig, and Unsloth's get_peft_model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .request import Request, Written, wanted
from .yaml_text import comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MODEL = '"path-or-id-of-the-model"'
_CAUSAL = ("ForCausalLM", "LMHeadModel")


def peft(request: Request) -> Written:
    """A script that loads the model and wraps it."""
    values = wanted(request.values, {})
    cls = request.cls or ""
    name = "AutoModelForCausalLM" if not cls or cls.endswith(_CAUSAL) else cls
    imports = [name, *(["BitsAndBytesConfig"] if request.quantization else [])]
    loaded = [_model(request), *_quantised(request)]
    lines = [
        *comment(request.head or "", ""),
        "from peft import LoraConfig, get_peft_model",
        f"from transformers import {', '.join(sorted(imports))}",
        "",
        *_call(f"model = {name}.from_pretrained", loaded),
        "config = LoraConfig(",
        *_arguments(values, request.reasons),
        ")",
        "model = get_peft_model(model, config)",
        "model.print_trainable_parameters()",
    ]
    return Written("\n".join(lines) + "\n")


def _quantised(request: Request) -> list[str]:
    few = request.quantization
    return [f"quantization_config=BitsAndBytesConfig(load_in_{few}=True)"] if few else []


def unsloth(request: Request) -> Written:
    """A script with Unsloth's loader; FastModel loads what is no plain causal model."""
    defaults = {"r": 16, "lora_alpha": 16, "lora_dropout": 0.0, "task_type": "CAUSAL_LM"}
    values = wanted(request.values, defaults)
    cls = request.cls or ""
    loader = "FastLanguageModel" if not cls or cls.endswith(_CAUSAL) else "FastModel"
    few = [f"load_in_{bits}={request.quantization == bits}" for bits in ("4bit", "8bit")]
    lines = [
        *comment(request.head or "", ""),
        f"from unsloth import {loader}",
        "",
        *_call(f"model, tokenizer = {loader}.from_pretrained", [_model(request), *few]),
        f"model = {loader}.get_peft_model(",
        "    model,",
        *_arguments(values, request.reasons),
        ")",
    ]
    return Written("\n".join(lines) + "\n")


def _model(request: Request) -> str:
    return quoted(request.model) if request.model is not None else _MODEL


def _call(lead: str, arguments: list[str]) -> list[str]:
    line = f"{lead}({', '.join(arguments)})"
    if len(line) <= 100:
        return [line]
    return [f"{lead}(", *(f"    {argument}," for argument in arguments), ")"]


def _arguments(values: Mapping[str, Any], reasons: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        yield from comment(reasons.get(name, ""), "    ")
        yield f"    {name}={quoted(value)},"


def quoted(value: Any) -> str:
    """The value as Python, with double quotes where that is the usual way."""
    if isinstance(value, str):
        text = repr(value)
        if "\\" in value and value.isprintable() and '"' not in value and not value.endswith("\\"):
            return f'r"{value}"'
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in value else text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)}: {quoted(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    return repr(value)
