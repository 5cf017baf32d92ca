"""The text of Python scripts."""

from __future__ import annotations

from loracheck.tools.core.file_draft import CAUSAL, ScriptDraft, select_fields
from loracheck.type_checking import TYPE_CHECKING

from .request import WriteResult
from .yaml_text import format_comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.documents.values import Value
    from loracheck.tools.core.file_draft import WriteRequest

_MODEL = '"path-or-id-of-the-model"'


def write_peft_script(request: WriteRequest) -> WriteResult:
    """A script that loads the model and wraps it."""
    if request.part is not None and request.cls is not None:
        return WriteResult(format_script(_draft_diffusion_script(request), request))
    cls, few = request.cls or "", request.quantization
    name = "AutoModelForCausalLM" if not cls or cls.endswith(CAUSAL) else cls
    imports = [name, *(["BitsAndBytesConfig"] if few else [])]
    draft = ScriptDraft(
        (
            "from peft import LoraConfig, get_peft_model",
            f"from transformers import {', '.join(sorted(imports))}",
        ),
        f"model = {name}.from_pretrained",
        (f"quantization_config=BitsAndBytesConfig(load_in_{few}=True)",) if few else (),
        ("config = LoraConfig(",),
        select_fields(request.values, {}),
        (")", "model = get_peft_model(model, config)", "model.print_trainable_parameters()"),
    )
    return WriteResult(format_script(draft, request))


def _draft_diffusion_script(request: WriteRequest) -> ScriptDraft:
    """A script for one part of a pipeline of diffusers, which wraps it by its own method."""
    return ScriptDraft(
        (f"from diffusers import {request.cls}", "from peft import LoraConfig"),
        f"model = {request.cls}.from_pretrained",
        (f'subfolder="{request.part}"',),
        ("config = LoraConfig(",),
        select_fields(request.values, {}),
        (")", "model.add_adapter(config)"),
    )


def format_script(draft: ScriptDraft, request: WriteRequest) -> str:
    """The text of a drafted script, with the request's model and comments."""
    lines = [
        *format_comment(request.head or "", ""),
        *draft.imports,
        "",
        *_call_lines(draft.loading, [_format_model(request), *draft.load_arguments]),
        *draft.opening,
        *_format_argument_lines(draft.values, request.reasons),
        *draft.closing,
    ]
    return "\n".join(lines) + "\n"


def _format_model(request: WriteRequest) -> str:
    return format_python(request.model) if request.model is not None else _MODEL


def _call_lines(lead: str, arguments: list[str]) -> list[str]:
    line = f"{lead}({', '.join(arguments)})"
    if len(line) <= 100:
        return [line]
    return [f"{lead}(", *(f"    {argument}," for argument in arguments), ")"]


def _format_argument_lines(
    values: Mapping[str, Value], reasons: Mapping[str, str]
) -> Iterator[str]:
    for name, value in values.items():
        yield from format_comment(reasons.get(name, ""), "    ")
        yield f"    {name}={format_python(value)},"


def format_python(value: Value) -> str:
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
