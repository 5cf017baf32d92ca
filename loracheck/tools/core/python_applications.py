"""Which model a config in Python is put on: the value that reaches the call which puts the adapter
on it (`get_peft_model`, `add_adapter`, `inject_adapter_in_model`, `PeftModel`, a trainer's `model`
beside `peft_config`), and nothing else that the file loads.
"""

from __future__ import annotations

from loracheck.documents.model import OneOf, Reason, Unknown
from loracheck.documents.python.known_calls import PIPELINE_PARTS, get_model_position
from loracheck.documents.python.origin import CallResult, DefaultText
from loracheck.documents.python.sources import MAX_WRAPPED
from loracheck.type_checking import TYPE_CHECKING

from .document_calls import get_calls
from .own_models import find_own_model
from .python_base_models import Load

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import EllipsisType
    from typing import Any

    from loracheck.documents.model import Document
    from loracheck.documents.python.sources import Source


def find_users(document: Document) -> dict[int, list[int]]:
    """The root of each call whose result may be given to a call that puts an adapter on a model ->
    the roots of these calls.
    """
    users: dict[int, list[int]] = {}
    for root, call in enumerate(get_calls(document)):
        model = get_model_key(document, root)
        for key, sources in getattr(call, "sources", {}).items():
            for source in sources if key != model else ():
                if source.root >= 0 and root not in users.setdefault(source.root, []):
                    users[source.root].append(root)
    return users


def get_model_key(document: Document, root: int) -> str | int:
    """The argument of a call that puts an adapter on a model which is the model."""
    has_model = "model" in document.roots[root]
    return "model" if has_model else get_model_position(get_calls(document)[root].name)


def get_model_sources(document: Document, root: int) -> tuple[Source, ...]:
    """Where the model comes from that a call puts an adapter on."""
    call: Any = get_calls(document)[root]
    sources: tuple[Source, ...] = call.sources.get(get_model_key(document, root), ())
    return sources


def find_wrapper_prefix(document: Document, source: Source) -> str | None:
    """What the names of the model begin with by the adapters that were put on it before; None where
    that is not known.
    """
    names = [get_calls(document)[root].name for root in source.wrapped if root >= 0]
    prefixes = [_PREFIXES.get(name.rpartition(".")[2], _PREFIX) for name in names]
    if len(names) != len(source.wrapped) or len(names) >= MAX_WRAPPED:
        return None
    return ".".join(filter(None, prefixes))


def find_task_of_wrapper(document: Document, source: Source) -> str | EllipsisType | None:
    """The task of the adapter that was put on last, whose wrapper a further one is put into; ...
    where that is not known.
    """
    root = source.wrapped[0]
    if root < 0 or get_calls(document)[root].name.rpartition(".")[2] != "get_peft_model":
        return ...
    sources = get_calls(document)[root].sources
    configs = [one for key in ("peft_config", 1) for one in sources.get(key, ())]
    config = configs[0].root if len(configs) == 1 else -1
    if config < 0:
        return ...
    arguments = document.roots[config]
    task = arguments.get("task_type", arguments.get(0))
    complete = get_calls(document)[config].complete
    return task if complete and (task is None or type(task) is str) else ...


_PREFIX = "base_model.model"
_PREFIXES = {"LoraModel": "model", "inject_adapter_in_model": ""}
"""What wraps a model otherwise than a PeftModel does (PEFT 0.21.2 peft_model.py, mapping.py,
tuners/tuners_utils.py).
"""


def find_applied_load(root: int, document: Document, loads: dict[int, Load]) -> Load:
    """The model that the call `root` puts an adapter on: one of the file's loads, or a Load of an
    unknown model with the reason.
    """
    if root in loads:
        return loads[root]  # `from_pretrained(name, peft_config=...)`
    key = get_model_key(document, root)
    model = document.roots[root].get(key)
    if isinstance(model, str):
        return Load(-1, "", model, (root, key), {})
    sources = get_model_sources(document, root)
    own_model = find_own_model(sources, document, loads)
    if own_model is not None:
        return build_unknown_load(sources[0].reason, (root, key))._replace(own=own_model)
    applied = [_load_of(one, loads) for one in sources]
    known_loads = [load for load in applied if load is not None]
    if any(load.inside for load in known_loads) and not _hands_on(document, root):
        return build_unknown_load(_INSIDE, (root, key))
    if known_loads and len(known_loads) == len(applied):
        return merge_loads(known_loads)
    reasons = [one.reason for one, load in zip(sources, applied, strict=True) if load is None]
    return build_unknown_load(
        next(filter(None, reasons), _NO_LOAD), (root, key) if known_loads else (root,)
    )


def _load_of(source: Source, loads: dict[int, Load]) -> Load | None:
    """The model that a source is: a load of the file, a module inside of one, or a part of the
    pipeline that it loads; the part that the pipeline is given, where it is given one. None where
    that is not known.
    """
    load = loads.get(source.root)
    if load is None:
        return None
    if not load.pipeline:
        return _load_module_of(load, source) if source.component else load
    if source.component not in PIPELINE_PARTS:
        return None
    if source.component not in load.arguments:
        return load._replace(part=source.component)
    arguments = load.arguments[source.component]
    argument_load = loads.get(arguments.call) if isinstance(arguments, CallResult) else None
    return argument_load if argument_load is not None and not argument_load.pipeline else None


def _load_module_of(load: Load, source: Source) -> Load | None:
    """A module inside of a model that a file loads; None where the model has an adapter already, so
    that its attributes may be the adapter's.
    """
    if load.inside:
        return load._replace(inside=False) if source.component == _SENTENCE_MODEL else None
    return None if source.wrapped else load._replace(submodule=source.component)


_SENTENCE_MODEL = "auto_model"
"""Where sentence-transformers' first module has transformers' model (6.2.0,
base/modules/transformer.py).
"""

_INSIDE = Reason("the model lies inside of another object, which has names of its own")


def _hands_on(document: Document, root: int) -> bool:
    """Whether the call is one that such an object hands on to the model inside."""
    return str(get_calls(document)[root].name).endswith("add_adapter")


_NO_LOAD = Reason("what the adapter is put on is no model that the file loads in a known way")


def build_unknown_load(reason: str | Reason, place: tuple[int | str, ...]) -> Load:
    """The Load of a model that is not known: what stands in its place, or a sentence."""
    return Load(-1, "", reason if isinstance(reason, Reason) else Unknown(reason), place, {})


def assume_load(loads: Iterable[Load]) -> Load | None:
    """The one model that a file loads, for a config that nothing in the file takes: a cell or an
    excerpt, whose next lines may still load another. None where it loads several.
    """
    load = merge_loads(loads)
    return load._replace(model=DefaultText(load.model)) if isinstance(load.model, str) else None


def _name_of(load: Load) -> str:
    """A load's model, with what of it is meant."""
    name = load.model if isinstance(load.model, str) else load.model.text
    for part in filter(None, (load.part, load.submodule)):
        name = f"{part} of {name}"
    return name


def merge_loads(loads: Iterable[Load]) -> Load:
    """The model that is loaded, if it is one; of several loads of the same model the last, without
    a class where they differ in that.
    """
    known_loads = list(loads)
    models = {_name_of(load) for load in known_loads}
    same = len({load.cls for load in known_loads}) == 1
    if len(models) > 1:
        unknown = build_unknown_load(" or ".join(sorted(models)), known_loads[0].place)
        return _join_alternatives(known_loads, unknown) if same else unknown
    return known_loads[-1] if same else known_loads[-1]._replace(cls="")


def _join_alternatives(loads: list[Load], unknown: Load) -> Load:
    """The loads as one, of one of several models; `unknown` where they differ in more, or where one
    of the models may be any.
    """
    texts: list[str] = []
    for load in loads:
        if isinstance(load.model, OneOf):
            texts += load.model.texts
        elif type(load.model) is str:
            texts.append(load.model)
        else:
            return unknown
    if len({_describe_load(load) for load in loads}) > 1 or any(load.own for load in loads):
        return unknown
    model = OneOf(str(getattr(unknown.model, "text", "")), tuple(dict.fromkeys(texts)))
    return loads[-1]._replace(model=model, place=unknown.place)


def _describe_load(load: Load) -> tuple[Any, ...]:
    """All that a load says beside the model's name."""
    arguments = {k: v for k, v in load.arguments.items() if k != load.place[-1]}
    of_class = load.cls, load.tool, load.pipeline_class, load.foreign
    return (*of_class, load.part, load.inside, load.submodule, repr(arguments))
