"""An adapter that Ollama does not take from a Modelfile.

## What
`ADAPTER` names a file of safetensors, or a folder without adapter_config.json or whose weights
Ollama does not find; a further `ADAPTER` follows; or the adapter's base model is another one than
`FROM`. What Ollama makes of the adapter's own config is told by the rules about engines.

## Why
Ollama copies what `ADAPTER` names and no more. Of a file of safetensors it has no
adapter_config.json beside it ("open adapter_config.json: no such file or directory"; before 0.3.7
"invalid file magic"). In a folder 0.6.5 to 0.33.0 look for `model*.safetensors`, and not for
PEFT's adapter_model.safetensors ("no Modelfile or safetensors files found"). Of several adapters
the last is kept. An adapter on another model than its own either does not fit, or answers
erratically. Seen in ollama/ollama issues 9951, 4217, 9505 and 13314.

## Bad
```modelfile
FROM llama3.1:8b
ADAPTER ./style/adapter_model.safetensors
```

## Good
```modelfile
FROM llama3.1:8b
ADAPTER ./style.gguf
```

## Fix
Convert the adapter with llama.cpp's convert_lora_to_gguf.py and name the .gguf file, which all
releases with ADAPTER take since 0.3.7. Ollama 0.34.1 takes no ADAPTER: merge the adapter there.

## Source
ollama/ollama commit fb3076099 `parser/parser.go` (CreateRequest, fileDigestMap, filesForModel),
`server/create.go` (convertFromSafetensors), `convert/convert.go` (ConvertAdapter),
`docs/modelfile.mdx` (ADAPTER); commits 0c819e167 (0.3.7) and 6bd0a983c (0.6.5).
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from loracheck.documents.dependencies import exists, list_names
from loracheck.documents.modelfile.document import get_modelfile
from loracheck.rules.support.local_folders import CONFIG, find_local_folder, read_local_adapter
from loracheck.rules.support.ollama_models import name_model
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.modelfile.document import Instruction, ModelfileDocument

CODE = "LC732"
NAME = "modelfile-adapter"
SEVERITY = "error"

_SAFETENSORS = ".safetensors"
_PEFT_WEIGHTS = "adapter_model.safetensors"
_CONVERT = (
    "convert it with llama.cpp's convert_lora_to_gguf.py {folder} and write ADAPTER with the .gguf "
    "file"
)
_FOUND = ("model*.safetensors", "consolidated*.safetensors", "*.gguf", "*.bin", "*.pth")
"""What Ollama finds in a folder (filesForModel), or may."""


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every ADAPTER that Ollama does not take, drops, or puts on another model."""
    modelfile = get_modelfile(document)
    if modelfile is None:
        return
    adapters = [one for one in modelfile.instructions if one.name == "adapter"]
    for one in adapters[:-1]:
        yield Hit(
            "Ollama keeps the last ADAPTER of a Modelfile alone (since 0.5.5): this one is not "
            "used",
            modelfile.place(one),
            severity="warning",
            help="leave one ADAPTER, or make one adapter of them with add_weighted_adapter of PEFT",
        )
    for one in adapters[-1:]:
        folder, _, file = one.value.replace("\\", "/").rpartition("/")
        if file.lower().endswith(_SAFETENSORS):
            yield _build_file_hit(modelfile, one, folder or ".", file)
        else:
            folder = one.value
            yield from _check_folder(modelfile, one)
        yield from _check_base(modelfile, one, folder or ".")


def _build_file_hit(document: ModelfileDocument, one: Instruction, folder: str, file: str) -> Hit:
    return Hit(
        f"ADAPTER names the file `{file}` alone, and Ollama stops: it finds no {CONFIG} beside it",
        document.place(one),
        help=_CONVERT.format(folder=folder),
    )


def _check_folder(document: ModelfileDocument, one: Instruction) -> Iterator[Hit]:
    """A folder beside the Modelfile in which Ollama finds no config or no weights."""
    names = _list_folder(document, one.value)
    weights = [name for name in names if name.endswith(_SAFETENSORS)]
    if not weights or any(name.endswith(".gguf") for name in names):
        return
    if CONFIG not in names:
        yield Hit(
            f"`{one.value}` has no {CONFIG}, without which Ollama converts no adapter",
            document.place(one),
            help="name the folder that save_pretrained wrote the adapter into, or a .gguf file",
        )
    elif _PEFT_WEIGHTS in weights and not any(
        fnmatchcase(name, pattern) for name in names for pattern in _FOUND
    ):
        yield Hit(
            f"Ollama 0.6.5 to 0.33.0 look for model*.safetensors in `{one.value}`, do not find "
            f"{_PEFT_WEIGHTS}, and stop (no Modelfile or safetensors files found)",
            document.place(one),
            severity="warning",
            help=f"{_CONVERT.format(folder=one.value)}, or rename the weights to model.safetensors",
        )


def _list_folder(document: ModelfileDocument, folder: str) -> list[str]:
    """The names in a folder beside the Modelfile; none where it is not there."""
    path = find_local_folder(document, folder)
    if path is None or not exists(path):
        return []
    try:
        return list_names(path, "*")
    except OSError:
        return []


def _check_base(document: ModelfileDocument, one: Instruction, folder: str) -> Iterator[Hit]:
    """An adapter of another model than the one it is put on."""
    bases = [each for each in document.instructions if each.name == "from"]
    config = read_local_adapter(document, folder)
    trained = config.get("base_model_name_or_path") if config is not None else None
    if len(bases) != 1 or not isinstance(trained, str):
        return
    own, other = name_model(trained), name_model(bases[0].value)
    if own is None or other is None or own.may_be(other):
        return
    yield Hit(
        f"the adapter was trained on {trained}, and is put on {bases[0].value}: it does not fit "
        "that model, or answers erratically",
        document.place(bases[0]),
        severity="warning",
        help=f"write FROM {own.tag}",
        spans=((document.place(one), "the adapter"),),
    )
