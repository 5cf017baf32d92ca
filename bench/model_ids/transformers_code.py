"""The checkpoints that transformers' own code names: `CLASS.from_pretrained(ID)` in the examples of
its docstrings, beside a config whose docstring names the same one, and the lists of checkpoints
that releases before 4.41 had (`BERT_PRETRAINED_CONFIG_ARCHIVE_MAP`).

Source: huggingface/transformers, src/transformers/models/*/modeling_*.py and configuration_*.py of
the releases given. An example that was copied from another model may keep that one's checkpoint, so
that one statement alone says nothing: a config's and an example's of the same model type must
agree, and no other type's may name the id.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "huggingface/transformers"
FILES = ("*/transformers/models/*/modeling_*.py", "*/transformers/models/*/configuration_*.py")

ID = r"[\w.-]+/[\w.-]+"
_EXAMPLE = re.compile(rf"(\w+)\.from_pretrained\(\s*[\"']({ID})[\"']")
_CONFIG = re.compile(
    rf'checkpoint="({ID})"[^\n]*\)\n(?:@\w+[^\n]*\n)*class \w+\([^\n]*\):(.*?)(?=\nclass |\Z)', re.S
)
_TYPE = re.compile(r'^ +model_type(?:: str)? = "([\w-]+)"', re.MULTILINE)
_MAP = re.compile(r"^\w+_PRETRAINED_CONFIG_ARCHIVE_MAP = \{(.*?)\}", re.S | re.MULTILINE)
_INVENTED = re.compile(r"^meta-(?!llama/|models/)|-2-7b-hf$|8x7B-v0\.1$")
"""Ids that the templates of new models' docstrings have made up."""


class Statement(NamedTuple):
    """One place of the code that names an id."""

    kind: str
    """"example", "config" or "list"."""

    said: str
    """The class of an example, the model type of the others."""

    source: str


_found: dict[str, list[Statement]] = {}
"""Every statement by id, as the files are read."""


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """No rows: what the file says of ids is kept for `join_statements`."""
    version = re.search(r": (\d[\d.]+)/", source)
    told = source.replace(f"{version[1]}/", "src/", 1) if version else source
    told = told.replace(REPOSITORY, f"{REPOSITORY} {version[1]}" if version else REPOSITORY)
    own = set(re.findall(r"^class (\w+)", text, re.MULTILINE))
    if "modeling_" in source:
        for cls, name in _EXAMPLE.findall(text):
            if cls in own:
                _note(name, Statement("example", cls, told))
        return
    for name, body in _CONFIG.findall(text):
        kinds = _TYPE.findall(body)
        if kinds:
            _note(name, Statement("config", kinds[0], told))
    kinds = list(set(_TYPE.findall(text)))
    for body in _MAP.findall(text) if len(kinds) == 1 else ():
        for name in re.findall(rf'"({ID})"\s*:', body):
            _note(name, Statement("list", kinds[0], told))
    yield from ()


def _note(name: str, statement: Statement) -> None:
    if not _INVENTED.search(name):
        _found.setdefault(name, []).append(statement)


def join_statements() -> Iterator[ModelId]:
    """The rows of all files read."""
    types, own = find_model_types(), _own_classes()
    for name, statements in _found.items():
        kinds = {types.get(s.said) if s.kind == "example" else s.said for s in statements} - {None}
        ways = {s.kind for s in statements}
        if len(kinds) != 1 or not (ways >= {"example", "config"} or "list" in ways):
            continue
        cls = own.get(str(kinds.pop()))
        if cls is not None:
            yield ModelId(name, None, cls, statements[-1].source)


def find_model_types() -> dict[str, str]:
    """Class -> model type, of every class that an auto class of the installed release may give."""
    from transformers.models.auto import modeling_auto

    found: dict[str, str] = {}
    for mapping in (name for name in dir(modeling_auto) if name.endswith("_MAPPING_NAMES")):
        for kind, classes in getattr(modeling_auto, mapping).items():
            for cls in (classes,) if isinstance(classes, str) else classes:
                found.setdefault(str(cls), kind)
    return found


def _own_classes() -> dict[str, str]:
    """Model type -> the class that its checkpoints are published with: that of the task which it is
    trained for, where the type has one. A type that is a part of another (`..._text`) has none.
    """
    from transformers.models.auto import modeling_auto as auto

    found: dict[str, str] = {}
    for task in (
        *("IMAGE_TEXT_TO_TEXT", "MULTIMODAL_LM", "SEQ_TO_SEQ_CAUSAL_LM", "MASKED_LM", "CAUSAL_LM"),
        *("SPEECH_SEQ_2_SEQ", "CTC", "IMAGE_CLASSIFICATION", "SEMANTIC_SEGMENTATION"),
    ):
        for kind, cls in getattr(auto, f"MODEL_FOR_{task}_MAPPING_NAMES", {}).items():
            if isinstance(cls, str) and not kind.endswith(("_text", "_text_model")):
                found.setdefault(kind, cls)
    return found


def find_class_of_task(kind: str, task: str) -> str | None:
    """The class of a model type for a task as the auto classes' mappings name it ("MASKED_LM"; ""
    for the model without a head); None where the type has none, or several.
    """
    from transformers.models.auto import modeling_auto as auto

    name = f"MODEL_FOR_{task}_MAPPING_NAMES" if task else "MODEL_MAPPING_NAMES"
    cls = getattr(auto, name).get(kind)
    return cls if isinstance(cls, str) else None
