"""Python scripts: PEFT's LoraConfig, and Unsloth's get_peft_model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .request import WriteRequest, WriteResult, select_fields
from .yaml_text import format_comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MODEL = '"path-or-id-of-the-model"'
_CAUSAL = ("ForCausalLM", "LMHeadModel")


def write_peft_script(request: WriteRequest) -> WriteResult:
    """A script that loads the model and wraps it."""
    values = select_fields(request.values, {})
    cls = request.cls or ""
    name = "AutoModelForCausalLM" if not cls or cls.endswith(_CAUSAL) else cls
    imports = [name, *(["BitsAndBytesConfig"] if request.quantization else [])]
    loaded = [_format_model(request), *_quantisation_lines(request)]
    lines = [
        *format_comment(request.head or "", ""),
        "from peft import LoraConfig, get_peft_model",
        f"from transformers import {', '.join(sorted(imports))}",
        "",
        *_call_lines(f"model = {name}.from_pretrained", loaded),
        "config = LoraConfig(",
        *_argument_lines(values, request.reasons),
        ")",
        "model = get_peft_model(model, config)",
        "model.print_trainable_parameters()",
    ]
    return WriteResult("\n".join(lines) + "\n")


def _quantisation_lines(request: WriteRequest) -> list[str]:
    few = request.quantization
    return [f"quantization_config=BitsAndBytesConfig(load_in_{few}=True)"] if few else []


def write_unsloth_script(request: WriteRequest) -> WriteResult:
    """A script with Unsloth's loader; FastModel loads what is no plain causal model."""
    defaults = {"r": 16, "lora_alpha": 16, "lora_dropout": 0.0, "task_type": "CAUSAL_LM"}
    values = select_fields(request.values, defaults)
    cls = request.cls or ""
    loader = "FastLanguageModel" if not cls or cls.endswith(_CAUSAL) else "FastModel"
    few = [f"load_in_{bits}={request.quantization == bits}" for bits in ("4bit", "8bit")]
    lines = [
        *format_comment(request.head or "", ""),
        f"from unsloth import {loader}",
        "",
        *_call_lines(
            f"model, tokenizer = {loader}.from_pretrained", [_format_model(request), *few]
        ),
        f"model = {loader}.get_peft_model(",
        "    model,",
        *_argument_lines(values, request.reasons),
        ")",
    ]
    return WriteResult("\n".join(lines) + "\n")


def _format_model(request: WriteRequest) -> str:
    return format_python(request.model) if request.model is not None else _MODEL


def _call_lines(lead: str, arguments: list[str]) -> list[str]:
    line = f"{lead}({', '.join(arguments)})"
    if len(line) <= 100:
        return [line]
    return [f"{lead}(", *(f"    {argument}," for argument in arguments), ")"]


def _argument_lines(values: Mapping[str, Any], reasons: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        yield from format_comment(reasons.get(name, ""), "    ")
        yield f"    {name}={format_python(value)},"


def format_python(value: Any) -> str:
    """The value as Python, with double quotes where that is the usual way."""
    if isinstance(value, str):
        text = repr(value)
        if "\\" in value and value.isprintable() and '"' not in value and not value.endswith("\\"):
            return f'r"{value}"'
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in value else text
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{format_python(k)}: {format_python(v)}" for k, v in value.items())
            + "}"
        )
    if isinstance(value, list):
        return f"[{', '.join(map(format_python, value))}]"
    return repr(value)
