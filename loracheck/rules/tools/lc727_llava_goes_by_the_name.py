"""LLaVA's loader, which goes by the folder's name, or cannot load the adapter in 4 bits.

## What
A program of LLaVA's (`llava.serve.cli`, `llava.serve.model_worker`, `llava.eval...`) gets an
adapter as `--model-path` with `--model-base`: in 4 bits; or from a folder beside the script whose
name lacks `llava` or `lora`; or without `--model-base`.

## Why
The loader looks for `lora` and `llava` in the folder's name (of `run/checkpoint-N` in `run`).
With both it loads the base model, then the projector's weights of non_lora_trainables.bin, which
do not fit a projector in 4 bits: "size mismatch for model.mm_projector.0.weight". Without `lora`
it takes the folder for a projector and looks for mm_projector.bin, without `llava` for a plain
language model, which sees no image. Seen in haotian-liu/LLaVA issues 1384 and 1008, and
chuangchuangtan/LLaVA-NeXT-Image-Llama3-Lora issue 1.

## Bad
```sh
python -m llava.serve.cli --model-path checkpoints/llava-v1.5-7b-lora --load-4bit \
  --model-base lmsys/vicuna-7b-v1.5 --image-file cat.png
```

## Good
```sh
python -m llava.serve.cli --model-path checkpoints/llava-v1.5-7b-lora \
  --model-base lmsys/vicuna-7b-v1.5 --image-file cat.png
```

## Fix
Load the adapter in 16 bits, or merge it with `scripts/merge_lora_weights.py` and load the merged
model in 4 bits. Call the folder of an adapter `llava-...-lora`.

## Source
LLaVA 1.2.2 `llava/model/builder.py` (`load_pretrained_model`), `llava/mm_utils.py`
(`get_model_name_from_path`), commit c121f04.
"""

from __future__ import annotations

from os.path import join

from loracheck.documents.dependencies import exists
from loracheck.documents.shell.commands import find_command_documents
from loracheck.rules.support.local_folders import CONFIG, find_local_folder
from loracheck.rules.types import Hit
from loracheck.tools.core.server_command import list_option_values
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.shell.commands import Command, CommandDocument
    from loracheck.rules.context import RuleContext

CODE = "LC727"
NAME = "llava-goes-by-the-name"
SEVERITY = "error"

_PROGRAMS = ("llava.serve.cli", "llava.serve.model_worker", "llava.eval.")
_FOUR_BITS = ("--load-4bit",)
_PROJECTOR = "mm_projector.bin"


def check(context: RuleContext) -> Iterator[Hit]:
    """The hits of the file; its first setting speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every command of LLaVA's whose loader fails or leaves the projector out."""
    if "llava." not in document.source:
        return
    for script in find_command_documents(document):
        for command in script.commands:
            if command.complete and any(word.text.startswith(_PROGRAMS) for word in command.words):
                yield from _check_command(document, script, command)


def _check_command(document: Document, script: CommandDocument, command: Command) -> Iterator[Hit]:
    words = [word.text for word in command.words]
    paths = list(list_option_values(words, ("--model-path",)))
    path = next((word for word in command.words if paths and word.text.endswith(paths[0])), None)
    if path is None or not isinstance(path.value, str):
        return
    folder = paths[0].strip("/")
    has_base = any(word.partition("=")[0] == "--model-base" for word in words)
    bits = next((word for word in command.words if word.text in _FOUR_BITS), None)
    name = _get_name(folder).lower()
    at = script.script_span(path.start, path.end)
    if has_base and bits is not None and "llava" in name and "lora" in name:
        yield Hit(
            "LLaVA loads the adapter's projector into a model in 4 bits, which it does not fit: "
            "size mismatch for model.mm_projector.0.weight",
            script.script_span(bits.start, bits.end),
            help=f"leave {bits.text} out, or merge the adapter with scripts/merge_lora_weights.py "
            "and load the merged model in 4 bits",
        )
    local = find_local_folder(document, folder)
    if local is None or not exists(join(local, CONFIG)):
        return
    if not has_base:
        yield Hit(
            "the folder holds an adapter, and without --model-base LLaVA loads no trained "
            "projector with it",
            at,
            help="add --model-base with the language model that it was trained on",
        )
    elif "llava" not in name:
        yield Hit(
            f"LLaVA takes `{folder}` for an adapter of a plain language model, as its name has no "
            "`llava`: the projector is not loaded, and no image is seen",
            at,
            help="give the folder a name with llava and lora",
        )
    elif "lora" not in name and not exists(join(local, _PROJECTOR)):
        yield Hit(
            f"LLaVA takes `{folder}` for a projector, as its name has no `lora`, and looks for "
            f"{_PROJECTOR}: FileNotFoundError",
            at,
            help="give the folder a name with llava and lora",
        )


def _get_name(folder: str) -> str:
    """The model's name that LLaVA makes of a folder."""
    parts = folder.split("/")
    return "_".join(parts[-2:]) if parts[-1].startswith("checkpoint-") else parts[-1]
