"""The models that a Python file loads: its `from_pretrained` calls, and what such a call says of
the model. Which of them a config is put on is worked out in python_applications.py.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.documents.python.call_arguments import MODEL_PATH_ARGUMENTS
from loracheck.documents.python.origin import DefaultText
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .document_calls import get_calls
from .index import load_index, matches_name
from .lookup import get_text
from .registry import import_tool

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .behaviour import OwnModel
    from .setting import Setting

_MODEL_CLASS = compile_when_used(
    r"AutoModel\w*"
    r"|[A-Z]\w*(?:For[A-Z]\w*|LMHeadModel|DoubleHeadsModel|Model(?:With[A-Z]\w*)?|Backbone"
    r"|(?:Vision|Text)Transformer)"
)
_PIPELINE = compile_when_used(r"[A-Z]\w*Pipeline\w*", words=("Pipeline",))
"""diffusers' pipelines, AutoPipelineForText2Image among them."""
_NO_MODEL = compile_when_used(
    r"(?:Auto)?Peft\w*|\w*(?:Tokenizer|Processor|Config|Scheduler|Pipeline)",
    words=("Peft", "Tokenizer", "Processor", "Config", "Scheduler", "Pipeline"),
)
_NO_WEIGHTS = compile_when_used(
    r"\w*(?:Tokenizer|Processor|Extractor|Config|Pipeline|Scheduler)\w*",
    words=("Tokenizer", "Processor", "Extractor", "Config", "Pipeline", "Scheduler"),
)
"""What else of transformers and diffusers has a `from_pretrained`."""
_VARIABLE = compile_when_used(r"(?:\w+_)?model(?:_(?:class|cls|type))?")
"""A variable that holds one of several model classes."""

_PACKAGES = frozenset({"transformers", "optimum", "diffusers"})
"""Packages whose model classes have the module names of transformers or diffusers, beside those of
tools.
"""


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

    tool: str | None = None
    """The tool whose own loader X is."""

    part: str | None = None
    """The folder of the checkpoint that is loaded, the checkpoint itself where it is None."""

    pipeline: bool = False
    """Whether X is a pipeline of diffusers, which holds several models."""

    inside: bool = False
    """Whether the model lies inside of an object that hands `add_adapter` on to it."""

    own: OwnModel | None = None
    """What it holds, where it is an object of a class of the file."""

    submodule: str = ""
    """The module inside of the model that is meant, by its full name; "" for the model itself."""

    pipeline_class: str = ""
    """X where it is a pipeline."""

    foreign: bool = False
    """Whether X is a class of another package, or of the project itself, which may only bear the
    name of a known one.
    """


def find_loads(document: Document) -> dict[int, Load]:
    """The models that a file loads: root -> load, in the order of the text."""
    loads = (_load(i, call, document.roots[i]) for i, call in enumerate(get_calls(document)))
    return {load.root: load for load in loads if load is not None}


def _load(number: int, call: Any, arguments: dict[Any, Any]) -> Load | None:
    """The call as a Load; None where it loads no model. A model that is loaded by another package,
    or out of a folder of the repository, is unknown.
    """
    parts = call.name.split(".")
    if parts[0] == _SENTENCES and parts[-1] in _OF_SENTENCES:
        return _load_of_sentences(number, parts[-1], arguments)
    if len(parts) < 2 or parts[-1] != "from_pretrained" or parts[0] == "peft":
        return None  # PEFT's own classes load a trained adapter
    cls = parts[-2]
    imported = parts[0] if len(parts) > 2 else ""
    pipeline = imported == "diffusers" and _PIPELINE.fullmatch(cls) is not None
    of_library = imported in ("transformers", "diffusers")
    odd_name = of_library and cls[:1].isupper() and not _NO_WEIGHTS.fullmatch(cls)
    tool = _find_loader_tool(cls)
    if pipeline or (imported == "<local>" and _VARIABLE.fullmatch(cls)):
        cls = ""
    elif not (tool or odd_name or _MODEL_CLASS.fullmatch(cls)) or _NO_MODEL.fullmatch(cls):
        return None
    key = next((k for k in MODEL_PATH_ARGUMENTS if k in arguments), None)
    model = arguments[key] if key is not None else Unknown(f"{parts[-2]}.from_pretrained(...)")
    package = imported if imported and cls else "transformers"
    is_model = package in _PACKAGES or package in load_index().model_packages
    part = arguments.get("subfolder")
    if not is_model or not (part is None or isinstance(part, str)):
        model = Unknown(f"{cls} of {package}")
    if not isinstance(model, (str, Unknown)):
        return None
    place: Path = (number,) if key is None else (number, key)
    load = Load(number, cls, model, place, arguments, tool, part or None, pipeline)
    return load._replace(foreign=not is_model, pipeline_class=parts[-2] if pipeline else "")


_SENTENCES = "sentence_transformers"
_OF_SENTENCES = {
    "SentenceTransformer": "AutoModel",
    "CrossEncoder": "AutoModelForSequenceClassification",
}
"""Classes of sentence-transformers whose `add_adapter` is that of the model inside (6.2.0,
base/peft_mixin.py), with the class of that model (base/modules/transformer.py).
"""


def _load_of_sentences(number: int, cls: str, arguments: Table) -> Load | None:
    """The model inside of an object of sentence-transformers. A name without an owner is one of
    the project's own (base/model.py, 6.2.0).
    """
    key = next((k for k in (0, "model_name_or_path", "model_name") if k in arguments), None)
    model = arguments.get(key)
    if key is None or not isinstance(model, (str, Unknown)) or "modules" in arguments:
        return None
    if isinstance(model, str) and cls == "SentenceTransformer" and "/" not in model:
        model = f"sentence-transformers/{model}"
    return Load(number, _OF_SENTENCES[cls], model, (number, key), arguments, inside=True)


def is_no_model(name: str) -> bool:
    """Whether a dotted name is the loading of a tokenizer, a processor or a config."""
    owner, _, last = name.rpartition(".")
    return last == "from_pretrained" and _NO_WEIGHTS.fullmatch(owner.rpartition(".")[2]) is not None


def _find_loader_tool(cls: str) -> str | None:
    """The tool whose own loader a class is."""
    tools = (t for pattern, t in load_index().loaders if matches_name(pattern, cls))
    return next(tools, None)


def apply_load(setting: Setting, load: Load | None) -> None:
    """Fill in what the loading call says: model, class, labels, revision, quantisation, and what
    the tool whose loader it is reads from it.
    """
    if load is None:
        return
    setting.model = str(load.model) if isinstance(load.model, str) else load.model
    setting.assumed = isinstance(load.model, DefaultText)
    setting.model_place = load.place
    setting.part, setting.own_model = load.part, load.own
    setting.submodule = load.submodule
    setting.behaviour.pipeline = load.pipeline_class
    if load.cls and load.tool is None:
        setting.heads = get_heads_of_class(load.cls)
        setting.class_given = not load.foreign
    labels = load.arguments.get("num_labels")
    setting.num_labels = labels if type(labels) is int and 0 < labels < 1_000_000 else None
    setting.revision = get_text(load.arguments, "revision") or setting.revision
    setting.quantization = find_quantization(load.arguments)
    setting.tells_quantization = _tells_quantization(setting.document, load)
    if load.tool is not None:
        import_tool(load.tool).read_load(setting, load.arguments)


def get_heads_of_class(cls: str) -> tuple[str, ...]:
    """`Setting.heads` of a class; AutoModelForVision2Seq is AutoModelForImageTextToText since
    transformers 5.
    """
    if cls == "AutoModel":
        return ("Model",)
    if not cls.startswith("AutoModelFor"):
        return (cls,)
    head = cls.removeprefix("AutoModelFor")
    head = re.sub(r"With\w+$", "", head) if "With" in head else head
    return (head, "ImageTextToText") if head == "Vision2Seq" else (head,)


def find_quantization(arguments: Table) -> str | None:
    """How a loading call quantises the model: `Setting.quantization`."""
    config = arguments.get("quantization_config")
    for source in (arguments, config if isinstance(config, dict) else {}):
        for bits in ("4bit", "8bit"):
            if source.get(f"load_in_{bits}") is True:
                return bits
    if isinstance(config, dict) and "bits" in config and not _AWQ & config.keys():
        return "gptq"
    return None


def _tells_quantization(document: Document, load: Load) -> bool:
    """Whether a call of a model class of transformers or diffusers loads the model as it is stored,
    for certain: all of its arguments are known, none of them is a config, and the file does not
    speak of quantising (torchao's `quantize_`, optimum's quantizers).
    """
    calls = get_calls(document)  # none where it is an adapter's own file that a script loads
    if load.root < 0 or not (load.cls and calls) or load.tool or load.foreign or load.pipeline:
        return False
    rest = (key for key, value in load.arguments.items() if value is not None)
    return (
        calls[load.root].complete
        and not load.inside
        and not any("config" in str(key) or "load_in" in str(key) for key in rest)
        and "quantize" not in getattr(document, "text", "quantize").lower()
    )


_AWQ = frozenset(["zero_point", "version", "backend", "do_fuse", "fuse_max_seq_len"])
"""Arguments of AwqConfig that GPTQConfig does not have; both have `bits`."""
