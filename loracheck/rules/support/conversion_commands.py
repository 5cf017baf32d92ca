"""Commands that merge, convert or evaluate an adapter and stop. In comes a script, out come hits.
The sources are on the page of LC733.
"""

from __future__ import annotations

from os.path import basename, dirname, join

from loracheck.documents import read
from loracheck.documents.dependencies import exists
from loracheck.documents.model import DocumentError
from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.types import Hit
from loracheck.tools.core.server_command import list_option_values
from loracheck.tools.mlx_lm_adapters import FUSE
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Span
    from loracheck.documents.shell.commands import Command, CommandDocument
    from loracheck.documents.values import Value

_CACHE = "--lora-merge-cache"
_CONVERT = ("convert_hf_to_gguf.py", "convert-hf-to-gguf.py")
_DEQUANTIZED = ("--dequantize", "--de-quantize", "--export-gguf")
_OTHER_FAMILY = compile_when_used(
    r"(?i)(?!.*(?:llama|mistral|mixtral))(?:gpt-oss|qwen|gemma|phi-\d|granite|olmo|glm-|falcon)"
)
"""The last part of a model's name whose type is neither llama nor mistral nor mixtral."""
_QUANTIZED = compile_when_used(r"(?i).*-(?:[2-8]bit|mxfp4|nvfp4)(?:-dwq|-mlx)?")
"""The last part of the names that mlx-community gives quantised models."""
_MERGED = compile_when_used(r"(?:.*/)?checkpoint-\d+-merged")
_TYPES = ("float16", "bfloat16", "float32")


def check_commands(document: Document, script: CommandDocument) -> Iterator[Hit]:
    """One hit for every command of a script that stops."""
    fused: set[str] = set()
    for command in script.commands:
        words = [word.text for word in command.words]
        names = [basename(word) for word in words[:6]]
        if "mergekit-yaml" in names[:3]:
            yield from _check_merge(document, script, command, words)
        elif any(tuple(names[at : at + len(one)]) == one for one in FUSE for at in range(4)):
            yield from _check_fuse(script, command, words)
            fused |= _list_quantized(words)
        elif any(name in _CONVERT for name in names):
            yield from _check_fused(script, command, words, fused)
        elif "lm_eval" in names[:4] or "lm-eval" in names[:4]:
            yield from _check_evaluation(script, command, words)
        elif words[:1] == ["swift"] and words[1:2] and words[1] in ("infer", "deploy", "eval"):
            yield from _check_merged(script, command, words)
        elif "hf_lora_convert.py" in names:
            yield from _check_type(script, command, words, _find_type(script))


def _place(script: CommandDocument, command: Command, text: str) -> Span:
    """The first word that begins with a text, or the first word of the command."""
    word = next((one for one in command.words if one.text.startswith(text)), command.words[0])
    return script.script_span(word.start, word.end)


def _get_value(words: list[str], *options: str) -> str:
    return next(iter(list_option_values(words, options)), "")


def _check_merge(
    document: Document, script: CommandDocument, command: Command, words: list[str]
) -> Iterator[Hit]:
    """mergekit on a file beside the script in which a model has its adapter behind a `+`."""
    given = any(word.partition("=")[0] == _CACHE for word in words)
    config = next((word for word in words if word.endswith((".yml", ".yaml"))), "")
    path = join(dirname(document.path), config)
    if given or not command.complete or not config or UNKNOWN_MARK in config or not exists(path):
        return
    try:
        roots = read(path).roots
    except (OSError, DocumentError):
        return
    adapted = next((name for name in _list_models(roots[0] if roots else None) if "+" in name), "")
    if adapted:
        yield Hit(
            f"{config} merges the adapter of `{adapted}`, for which mergekit needs a folder: "
            "RuntimeError (Need to specify cache dir to merge adapters)",
            _place(script, command, config),
            help=f"add {_CACHE} FOLDER",
        )


def _list_models(value: Value) -> Iterator[str]:
    """The models of mergekit's file: `base_model`, and `model` wherever it stands."""
    if isinstance(value, list):
        for one in value:
            yield from _list_models(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in ("model", "base_model") and isinstance(one, str):
                yield one
            elif key in ("models", "slices", "sources", "modules"):
                yield from _list_models(one)


def _check_fuse(script: CommandDocument, command: Command, words: list[str]) -> Iterator[Hit]:
    """mlx_lm.fuse --export-gguf on a model of another family."""
    model = _get_value(words, "--model")
    if "--export-gguf" in words and _OTHER_FAMILY.match(basename(model.rstrip("/"))):
        yield Hit(
            f"mlx_lm.fuse writes GGUF of llama, mistral and mixtral alone, and not of {model}: "
            "ValueError (not supported for GGUF conversion)",
            _place(script, command, "--export-gguf"),
            help="leave --export-gguf out, add --dequantize where the model is quantised, and "
            "convert the fused folder with llama.cpp's convert_hf_to_gguf.py",
        )


def _list_quantized(words: list[str]) -> set[str]:
    """The folder that mlx_lm.fuse writes, where the model in it stays quantised."""
    model = _get_value(words, "--model").rstrip("/")
    if any(word in _DEQUANTIZED for word in words) or not _QUANTIZED.fullmatch(basename(model)):
        return set()
    return {_clean(_get_value(words, "--save-path") or "fused_model")}


def _clean(folder: str) -> str:
    return folder.rstrip("/").removeprefix("./")


def _check_fused(
    script: CommandDocument, command: Command, words: list[str], fused: set[str]
) -> Iterator[Hit]:
    folder = next((word for word in words[1:] if _clean(word) in fused), None)
    if folder is not None:
        yield Hit(
            f"`{folder}` is the quantised model that mlx_lm.fuse has written, and llama.cpp knows "
            "no tensors for MLX's scales and biases: the conversion stops",
            _place(script, command, folder),
            help="add --dequantize to mlx_lm.fuse",
        )


def _check_evaluation(script: CommandDocument, command: Command, words: list[str]) -> Iterator[Hit]:
    """lm_eval with `peft` as a switch."""
    arguments = ",".join(list_option_values(words, ("--model_args", "-a"))).split(",")
    for one in arguments:
        name, _, value = one.partition("=")
        if name.strip() == "peft" and value.strip().lower() == "true":
            model = next((a.partition("=")[2] for a in arguments if a.startswith("pretrained")), "")
            yield Hit(
                "peft is the folder or the id of the adapter, no switch: lm_eval stops when it "
                "loads an adapter called True",
                _place(script, command, "--model_args"),
                help=f"write pretrained=BASE,peft={model or 'ADAPTER'}",
            )


def _check_merged(script: CommandDocument, command: Command, words: list[str]) -> Iterator[Hit]:
    """ms-swift with a merged checkpoint as an adapter."""
    for value in list_option_values(words, ("--adapters", "--ckpt_dir")):
        if "--adapters" in words and _MERGED.fullmatch(value.rstrip("/")):
            yield Hit(
                f"`{value}` is what ms-swift calls a merged model, which has no "
                "adapter_config.json: no adapter is found",
                _place(script, command, value),
                help=f"write --model {value} and leave --adapters out",
            )


def _find_type(script: CommandDocument) -> tuple[str, str]:
    """The type of the engine that a script builds, and the option that tells it."""
    plugin = ("", "")
    for command in script.commands:
        words = [word.text for word in command.words]
        names = [basename(word) for word in words[:4]]
        if "convert_checkpoint.py" in names and _get_value(words, "--dtype") in _TYPES:
            return _get_value(words, "--dtype"), "convert_checkpoint.py --dtype"
        if "trtllm-build" in names and _get_value(words, "--lora_plugin") in _TYPES:
            plugin = _get_value(words, "--lora_plugin"), "trtllm-build --lora_plugin"
    return plugin


def _check_type(
    script: CommandDocument, command: Command, words: list[str], built: tuple[str, str]
) -> Iterator[Hit]:
    """TensorRT-LLM's converter with another type than the engine's."""
    kind, option = built
    own = _get_value(words, "--storage-type")
    written = own or ("float16" if command.complete else "")
    if kind and written in _TYPES and written != kind:
        yield Hit(
            f"the adapter is written in {written}{'' if own else ', the default,'} and the engine "
            f"is built with {option} {kind}: requests fail (Expected lora weights to be the same "
            "data type as base model)",
            _place(script, command, "--storage-type"),
            help=f"write --storage-type {kind}",
            severity=None if "convert" in option else "warning",
        )
