"""`LoraConfig(...)` calls in Python, and `get_peft_config({...})`. Unsloth's and xtuner's ways to
make one stand in python_tools.py.

The base model is followed to the `from_pretrained` call whose model the config is applied to, by
`get_peft_model(model, config)` or a trainer's `model=` and `peft_config=`; else it is the only one
that the file loads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents.model import Unknown
from loracheck.documents.python_origin import Assumed, Own, Stored

from .names import MAX_SETTINGS, heads, known, text, unknown
from .setting import Setting

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path

NAME = "peft-python"

_MODEL_CLASS = re.compile(
    r"AutoModel\w*|Fast(?:\w*Model|SentenceTransformer)"
    r"|[A-Z]\w*(?:For[A-Z]\w*|LMHeadModel|DoubleHeadsModel|Model(?:With[A-Z]\w*)?|Backbone"
    r"|(?:Vision|Text)Transformer)"
)
_NO_MODEL = re.compile(r"(?:Auto)?Peft\w*|\w*(?:Tokenizer|Processor|Config|Scheduler|Pipeline)")
_NO_WEIGHTS = re.compile(r"\w*(?:Tokenizer|Processor|Extractor|Config|Pipeline)\w*")
"""What else of transformers has a `from_pretrained`."""
_VARIABLE = re.compile(r"(?:\w+_)?model(?:_(?:class|cls|type))?")
"""A variable that holds one of several model classes."""

_PATH_ARGUMENTS = (0, "pretrained_model_name_or_path", "model_name", "model_name_or_path")
UNSLOTH_MAX_RANK = 64
"""max_lora_rank of Unsloth's from_pretrained (unsloth/models/loader.py)."""
_TRANSFORMERS = frozenset({"transformers", "unsloth", "trl", "optimum"})
"""Packages whose model classes have the module names of transformers; "" is a snippet without
imports.
"""


class _Load(NamedTuple):
    """One `X.from_pretrained(...)` of a model."""

    root: int
    cls: str
    model: str | Unknown
    place: Path
    arguments: dict[Any, Any]
    home: int = 0
    within: int = 0


def settings(document: Document) -> list[Setting] | None:
    """One Setting for each LoraConfig that the file makes."""
    calls = _calls(document)
    loads = [
        load
        for i, call in enumerate(calls)
        if (load := _load(i, call, document.roots[i])) is not None
    ]
    applied = _applied(document)
    found: list[Setting] = []
    for i, call in enumerate(calls):
        setting = _made(document, i, call)
        if setting is not None and len(found) < MAX_SETTINGS:
            if setting.dialect == "unsloth":
                load = _trained(i, document, loads, _nearest(loads, i))
            else:
                uses = applied.get(i, [])
                near = _about(loads, call)
                load = _only(near) if not uses else _trained(uses[0], document, loads, near)
                if uses and all(_loads_adapter(calls[use].name) for use in uses):
                    setting.purpose = "saved"
                if uses and all(_injected(calls[use], document.roots[use], loads) for use in uses):
                    setting.planned["task_type"] = None
            _add_model(setting, load)
            _prepare(setting)
            found.append(setting)
    return found


def _calls(document: Document) -> list[Any]:
    """What each root is a call of; nothing for a document of no Python."""
    return getattr(document, "calls", [])


def _nearest(loads: list[_Load], number: int) -> list[_Load]:
    """The last model of Unsloth's that is loaded before the call: `model, tokenizer = ...` is the
    way to write it, and later cells load the trained adapter again.
    """
    before = [load for load in loads if load.root < number and load.cls.startswith("Fast")]
    return before[-1:] or loads


def _made(document: Document, number: int, call: Any) -> Setting | None:
    """The Setting of a call, if the call makes one."""
    path = _config(call.name, number, document.roots[number])
    if call.fails:
        return None  # a test of what PEFT refuses
    if path is not None:
        setting = _setting(document, path, call.complete)
        if call.lazy:
            from .python_tools import xtuner

            xtuner(setting)
        return setting
    if call.name.startswith("trl.") and call.name.endswith(".ModelConfig"):
        if document.roots[number].get("use_peft") is not True:
            return None
        from .trl import setting_of

        return setting_of(document, (number,), document.roots[number])
    if call.name.endswith(".get_peft_model") and "Fast" in call.name:
        from .python_tools import is_unsloth, unsloth

        if is_unsloth(call.name):
            return unsloth(document, number, call.name, call.complete)
    return None


def _config(name: str, number: int, arguments: dict[Any, Any]) -> Path | None:
    """The path of LoraConfig's arguments, if the call makes one. A LoraConfig of another package,
    or of the file's own, is not PEFT's.
    """
    package, _, last = name.rpartition(".")
    if package and package.partition(".")[0] != "peft":
        return None
    if last == "LoraConfig":
        return (number,)
    inner = next((k for k in (0, "config_dict") if isinstance(arguments.get(k), dict)), None)
    if last == "get_peft_config" and inner is not None:
        method = arguments[inner].get("peft_type")
        return (number, inner) if isinstance(method, str) and method.upper() == "LORA" else None
    return None


def _setting(document: Document, path: Path, complete: bool) -> Setting:
    arguments = document.roots[int(path[0])]
    for step in path[1:]:
        arguments = arguments[step]
    fields = {
        key: value
        for key, value in arguments.items()
        # An attribute of any name can be assigned to.
        if isinstance(key, str) and (key in known() or not isinstance(value, Stored))
    }
    places: dict[str, Path] = {key: (*path, key) for key in fields}
    if 0 in arguments:  # LoraConfig's first parameter (PEFT 0.21.2 config.py, PeftConfigMixin)
        fields["task_type"], places["task_type"] = arguments[0], (*path, 0)
    base = fields.get("base_model_name_or_path")
    return Setting(
        dialect=NAME,
        document=document,
        path=path,
        fields=fields,
        places=places,
        unknown_keys={key: (*path, key) for key in unknown(fields)},
        model=base if isinstance(base, (str, Unknown)) else None,
        model_place=(*path, "base_model_name_or_path") if base else None,
        revision=text(fields, "revision"),
        heads=heads(fields.get("task_type")),
        complete=complete and not any(type(key) is int and key > 0 for key in arguments),
    )


def _load(number: int, call: Any, arguments: dict[Any, Any]) -> _Load | None:
    parts = call.name.split(".")
    if len(parts) < 2 or parts[-1] != "from_pretrained":
        return None
    cls = parts[-2]
    of_transformers = len(parts) > 2 and parts[0] == "transformers"
    odd_name = of_transformers and cls[:1].isupper() and not _NO_WEIGHTS.fullmatch(cls)
    if parts[0] == "<local>" and _VARIABLE.fullmatch(cls):
        cls = ""
    elif not (odd_name or _MODEL_CLASS.fullmatch(cls)) or _NO_MODEL.fullmatch(cls):
        return None
    key = next((k for k in _PATH_ARGUMENTS if k in arguments), None)
    model = arguments[key] if key is not None else Unknown(f"{parts[-2]}.from_pretrained(...)")
    package = parts[0] if len(parts) > 2 and cls else "transformers"
    if package not in _TRANSFORMERS or "subfolder" in arguments:
        model = Unknown(f"{cls} of {package}")
    if not isinstance(model, (str, Unknown)):
        return None
    place: Path = (number,) if key is None else (number, key)
    return _Load(number, cls, model, place, arguments, call.home, call.within)


def _about(loads: list[_Load], call: Any) -> list[_Load]:
    """The models that a config may be for when nothing tells: those of its own function if there
    are any, else those that do not belong to another class.
    """
    return [load for load in loads if load.home == call.home] or _elsewhere(loads, call)


def _elsewhere(loads: list[_Load], call: Any) -> list[_Load]:
    """The models that other functions load, but for those of another class."""
    others = [load for load in loads if load.home != call.home]
    return [load for load in others if load.within in (0, call.within) or not call.within]


def _injected(call: Any, arguments: dict[Any, Any], loads: list[_Load]) -> bool:
    """Whether the call is `add_adapter` of a model of transformers, which puts the adapter in
    without PEFT's wrapper for the task: no head is trained or saved for it.
    """
    model = getattr(arguments.get("model"), "call", None)
    return str(call.name).endswith(".add_adapter") and any(load.root == model for load in loads)


def _loads_adapter(name: str) -> bool:
    """Whether a call with the config loads a trained adapter."""
    return name.rpartition(".from_pretrained")[0].rpartition(".")[2].startswith("Peft")


def _trained(
    applied: int, document: Document, loads: list[_Load], near: list[_Load]
) -> _Load | None:
    """The model that a config is applied to, `applied` being the root of the call that does so;
    None where the file has none. What is loaded after that call is no longer the model trained.
    """
    key = "model" if "model" in document.roots[applied] else 0
    model = document.roots[applied].get(key)
    if isinstance(model, str):
        return _Load(-1, "", model, (applied, key), {})
    if isinstance(model, Own):
        return _Load(-1, "", model, (applied, key), {})
    roots, call = _made_of(model, document), _calls(document)[applied]
    return _only(
        [load for load in loads if load.root in roots]
        or [load for load in near if load.root <= call.last and load.home == call.home]
        or _elsewhere(loads, call)
        or near
    )


def _only(loads: list[_Load]) -> _Load | None:
    """The model that is loaded, if it is one."""
    models = {load.model if isinstance(load.model, str) else load.model.text for load in loads}
    if len(models) > 1:
        return _Load(-1, "", Unknown(" or ".join(sorted(models))), loads[0].place, {})
    return loads[-1] if loads else None


def _made_of(model: Any, document: Document) -> set[int]:
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


def _applied(document: Document) -> dict[int, list[int]]:
    """The root of each call that other calls are given -> those calls' roots."""
    found: dict[int, list[int]] = {}
    for root, arguments in enumerate(document.roots):
        for value in arguments.values():
            for given in getattr(value, "calls", ()):
                found.setdefault(given, []).append(root)
    return found


def _add_model(setting: Setting, load: _Load | None) -> None:
    """Fill in what the loading call says: model, class, labels, revision, quantisation."""
    if load is None or (load.cls == "" and setting.model is not None):
        return
    setting.model = str(load.model) if isinstance(load.model, str) else load.model
    setting.assumed = isinstance(load.model, Assumed)
    setting.model_place = load.place
    if load.cls and not load.cls.startswith("Fast"):
        setting.heads = _heads(load.cls)
        setting.class_given = True
    labels = load.arguments.get("num_labels")
    setting.num_labels = labels if type(labels) is int and 0 < labels < 1_000_000 else None
    setting.revision = text(load.arguments, "revision") or setting.revision
    setting.quantization = _quantization(load.arguments)
    if load.cls.startswith("Fast") and load.arguments.get("fast_inference") is True:
        limit = load.arguments.get("max_lora_rank", UNSLOTH_MAX_RANK)
        setting.served_rank = limit if type(limit) is int else None


def _prepare(setting: Setting) -> None:
    """CorDA starts from what `preprocess_corda` has worked out on the model (PEFT 0.21.2
    tuners/lora/corda.py): in a file that calls it the wrapping does not fail for want of it.
    """
    init = setting.fields.get("init_lora_weights")
    if isinstance(init, str) and init.lower() == "corda" and _CORDA.search(setting.document.text):
        setting.planned["init_lora_weights"] = True


_CORDA = re.compile(r"\bpreprocess_corda\(")


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


def _quantization(arguments: dict[Any, Any]) -> str | None:
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
