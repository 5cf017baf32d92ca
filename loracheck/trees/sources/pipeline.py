"""A pipeline of diffusers: a checkpoint whose models stand in folders of their own, as its
model_index.json lists them.

Source: diffusers 0.40.0 `pipelines/pipeline_utils.py` (DiffusionPipeline.from_pretrained): every
entry of model_index.json that is a pair is a folder's name with the library and the class of what
lies in it.
"""

from __future__ import annotations

from loracheck.documents.json_file import load_json
from loracheck.lazy_pattern import compile_when_used
from loracheck.trees.libraries import list_libraries
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .request import Request

INDEX = "model_index.json"
DENOISERS = ("transformer", "unet", "prior", "decoder")
"""The parts that LoRA is usually for, the first that is there: the names that diffusers' pipelines
give the model which takes the noise away.
"""
_PART = compile_when_used(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")


class NoPartError(Exception):
    """The checkpoint has no such part, or its list of parts cannot be read; the message says so."""


def is_part(name: str) -> bool:
    """Whether the text can be the name of a folder in a checkpoint, and no path out of it."""
    return _PART.fullmatch(name) is not None and ".." not in name


def find_config(request: Request, get: Callable[[str], str | None]) -> tuple[str, str] | None:
    """Path and name in the checkpoint ("config.json", "transformer/config.json") of the config of
    the model that is meant: of the part that the request names, else the checkpoint's own, else
    that of the part which the pipeline is about. `get` gives the path of one of its files.

    None where there is no such file. Raises NoPartError.
    """
    if request.part is None:
        for library in list_libraries(request.library):
            path = get(library.config_file)
            if path is not None:
                return path, library.config_file
    index = get(INDEX)
    part = request.part
    if index is not None:
        part = _choose_part(request, _read_parts(index))
    if part is None or not is_part(part):
        return None
    name = f"{part}/config.json"
    path = get(name)
    return None if path is None else (path, name)


def _read_parts(index: str) -> dict[str, str]:
    """Part -> class of the models that a model_index.json lists."""
    try:
        index_data: Any = load_json(index, anywhere=True)
    except (OSError, ValueError) as error:
        raise NoPartError(f"{index} cannot be read: {error}") from error
    if not isinstance(index_data, dict):
        raise NoPartError(f"{index} is no list of a pipeline's parts")
    return {name: value[1] for name, value in index_data.items() if _is_pair(value)}


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)
    )


def _choose_part(request: Request, parts: Mapping[str, str]) -> str:
    """The part of the request, else the one of the wanted class, else the one that denoises."""
    if request.part is not None and request.part in parts:
        return request.part
    if request.part is None:
        for head in request.heads:
            of_class = [name for name, cls in parts.items() if cls == head]
            if of_class:
                return of_class[0]
        for name in DENOISERS:
            if name in parts:
                return name
    missing_part = (
        f"no {request.part}" if request.part is not None else "no transformer and no unet"
    )
    part_names = ", ".join(sorted(parts)[:20]) or "nothing"
    raise NoPartError(f"{request.model} has {missing_part}; its {INDEX} lists {part_names}")
