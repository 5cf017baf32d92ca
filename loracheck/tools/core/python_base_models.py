"""The base model of a config in Python: the `from_pretrained` calls of a file, which of them a
config is applied to, and what that call says of the model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents.model import Unknown
from loracheck.documents.python.document import MODEL_PATH_ARGUMENTS
from loracheck.documents.python.origin import DefaultText, LocalObject

from .index import load_index
from .lookup import get_text
from .registry import import_tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value

    from .setting import Setting

_MODEL_CLASS = re.compile(
    r"AutoModel\w*"
    r"|[A-Z]\w*(?:For[A-Z]\w*|LMHeadModel|DoubleHeadsModel|Model(?:With[A-Z]\w*)?|Backbone"
    r"|(?:Vision|Text)Transformer)"
)
_NO_MODEL = re.compile(r"(?:Auto)?Peft\w*|\w*(?:Tokenizer|Processor|Config|Scheduler|Pipeline)")
_NO_WEIGHTS = re.compile(r"\w*(?:Tokenizer|Processor|Extractor|Config|Pipeline)\w*")
"""What else of transformers has a `from_pretrained`."""
_VARIABLE = re.compile(r"(?:\w+_)?model(?:_(?:class|cls|type))?")
"""A variable that holds one of several model classes."""

_PACKAGES = frozenset({"transformers", "optimum"})
"""Packages whose model classes have the module names of transformers, beside those of tools."""


class Load(NamedTuple):
    """One `X.from_pretrained(...)` of a model."""

    root: int
    """The root of the document that it is; -1 where it stands for no call."""

    cls: str
    """The class X, "" where the file does not tell one."""

    model: str | Unknown
    """What is loaded."""

    place: Path
    """Where `model` stands."""

    arguments: dict[Any, Any]
    """All arguments of the call."""

    home: int = 0
    """The function that it stands in, as `Call` numbers them."""

    within: int = 0
    """The class that it stands in, as `Call` numbers them."""

    tool: str | None = None
    """The tool whose own loader X is."""


def get_calls(document: Document) -> list[Any]:
    """What each root is a call of; nothing for a document of no Python."""
    return getattr(document, "calls", [])


def find_loads(document: Document) -> list[Load]:
    """The models that a file loads, in the order of the text."""
    found = (_load(i, call, document.roots[i]) for i, call in enumerate(get_calls(document)))
    return [load for load in found if load is not None]


def _load(number: int, call: Any, arguments: dict[Any, Any]) -> Load | None:
    """The call as a Load; None where it loads no model. A model that is loaded by another package,
    or out of a folder of the repository, is unknown.
    """
    parts = call.name.split(".")
    if len(parts) < 2 or parts[-1] != "from_pretrained" or parts[0] == "peft":
        return None  # PEFT's own classes load a trained adapter
    cls = parts[-2]
    of_transformers = len(parts) > 2 and parts[0] == "transformers"
    odd_name = of_transformers and cls[:1].isupper() and not _NO_WEIGHTS.fullmatch(cls)
    tool = _loader_of(cls)
    if parts[0] == "<local>" and _VARIABLE.fullmatch(cls):
        cls = ""
    elif not (tool or odd_name or _MODEL_CLASS.fullmatch(cls)) or _NO_MODEL.fullmatch(cls):
        return None
    key = next((k for k in MODEL_PATH_ARGUMENTS if k in arguments), None)
    model = arguments[key] if key is not None else Unknown(f"{parts[-2]}.from_pretrained(...)")
    package = parts[0] if len(parts) > 2 and cls else "transformers"
    known = package in _PACKAGES or package in load_index().model_packages
    if not known or "subfolder" in arguments:
        model = Unknown(f"{cls} of {package}")
    if not isinstance(model, (str, Unknown)):
        return None
    place: Path = (number,) if key is None else (number, key)
    return Load(number, cls, model, place, arguments, call.home, call.within, tool)


def _loader_of(cls: str) -> str | None:
    """The tool whose own loader a class is."""
    found = (tool for pattern, tool in load_index().loaders if re.fullmatch(pattern, cls))
    return next(found, None)


def loads_before(loads: list[Load], number: int) -> list[Load]:
    """The last model of a tool's own loader before the call; all models where there is none:
    `model, tokenizer = ...` is the way to write it, and later cells load the trained adapter again.
    """
    before = [load for load in loads if load.root < number and load.tool is not None]
    return before[-1:] or loads


def candidate_loads(loads: list[Load], call: Any) -> list[Load]:
    """The models that a config may be for when nothing tells: those of its own function if there
    are any, else those that do not belong to another class.
    """
    return [load for load in loads if load.home == call.home] or _elsewhere(loads, call)


def _elsewhere(loads: list[Load], call: Any) -> list[Load]:
    """The models that other functions load, but for those of another class."""
    others = [load for load in loads if load.home != call.home]
    return [load for load in others if load.within in (0, call.within) or not call.within]


def find_applied_load(
    applied: int, document: Document, loads: list[Load], near: list[Load]
) -> Load | None:
    """The model that a config is applied to, `applied` being the root of the call that does so;
    None where the file has none. What is loaded after that call is no longer the model trained.
    """
    key = "model" if "model" in document.roots[applied] else 0
    model = document.roots[applied].get(key)
    if isinstance(model, (str, LocalObject)):
        return Load(-1, "", model, (applied, key), {})
    roots, call = _calls_behind(model, document), get_calls(document)[applied]
    made = [load for load in loads if load.root in roots]
    return single_load(
        [load for load in made if load.home != call.home or load.root <= call.last]
        or [load for load in near if load.root <= call.last and load.home == call.home]
        or _elsewhere(loads, call)
        or near
    )


def single_load(loads: list[Load]) -> Load | None:
    """The model that is loaded, if it is one."""
    models = {load.model if isinstance(load.model, str) else load.model.text for load in loads}
    if len(models) > 1:
        return Load(-1, "", Unknown(" or ".join(sorted(models))), loads[0].place, {})
    return loads[-1] if loads else None


def _calls_behind(model: Value, document: Document) -> set[int]:
    """The calls that a model is the result of, with those that made what they were given."""
    found: set[int] = set()
    waiting = list(getattr(model, "calls", ()))
    while waiting:
        root = waiting.pop()
        if root not in found:
            found.add(root)
            arguments = document.roots[root]
            first = arguments.get("model", arguments.get(0))
            waiting += getattr(first, "calls", ())
    return found


def apply_load(setting: Setting, load: Load | None) -> None:
    """Fill in what the loading call says: model, class, labels, revision, quantisation, and what
    the tool whose loader it is reads from it.
    """
    if load is None or (load.cls == "" and setting.model is not None):
        return
    setting.model = str(load.model) if isinstance(load.model, str) else load.model
    setting.assumed = isinstance(load.model, DefaultText)
    setting.model_place = load.place
    if load.cls and load.tool is None:
        setting.heads = _heads(load.cls)
        setting.class_given = True
    labels = load.arguments.get("num_labels")
    setting.num_labels = labels if type(labels) is int and 0 < labels < 1_000_000 else None
    setting.revision = get_text(load.arguments, "revision") or setting.revision
    setting.quantization = _quantization(load.arguments)
    if load.tool is not None:
        import_tool(load.tool).read_load(setting, load.arguments)


def _heads(cls: str) -> tuple[str, ...]:
    """`Setting.heads` of a class; AutoModelForVision2Seq is AutoModelForImageTextToText since
    transformers 5.
    """
    if cls == "AutoModel":
        return ("Model",)
    if not cls.startswith("AutoModelFor"):
        return (cls,)
    head = re.sub(r"With\w+$", "", cls.removeprefix("AutoModelFor"))
    return (head, "ImageTextToText") if head == "Vision2Seq" else (head,)


def _quantization(arguments: dict[Any, Value]) -> str | None:
    config = arguments.get("quantization_config")
    for source in (arguments, config if isinstance(config, dict) else {}):
        for bits in ("4bit", "8bit"):
            if source.get(f"load_in_{bits}") is True:
                return bits
    if isinstance(config, dict) and "bits" in config and not _AWQ & config.keys():
        return "gptq"
    return None


_AWQ = frozenset(["zero_point", "version", "backend", "do_fuse", "fuse_max_seq_len"])
"""Arguments of AwqConfig that GPTQConfig does not have; both have `bits`."""
