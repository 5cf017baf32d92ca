"""The arguments of the calls that become roots: their values, the defaults that the file gives for
them, and where those come from that are not known.
"""

from __future__ import annotations

import ast

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .folding import Folder
from .known_calls import ADAPTER_WRAPPERS, METHOD_CONFIGS, is_adapter_load, is_likely_config
from .origin import AssignedLater, Origin
from .root_calls import ADAPTER_METHODS, CONFIG_CALLS, ROOT_KEYWORDS, find_lazy_target
from .sources import SourceTracer

if TYPE_CHECKING:
    from typing import Any

    from .bindings import Scope
    from .root_calls import RootCall
    from .sources import Source


_CALLS_WITH_DEFAULTS = CONFIG_CALLS | METHOD_CONFIGS | {"get_peft_model"}
"""Calls whose arguments are followed to the file's own defaults (default_values.py)."""

MODEL_PATH_ARGUMENTS = (0, "pretrained_model_name_or_path", "model_name", "model_name_or_path")
"""Arguments of `from_pretrained` that say what is loaded."""

ADAPTER_PATH_ARGUMENTS = (1, "model_id")
"""Arguments of PEFT's `from_pretrained` that say which adapter is loaded."""

MODEL_ARGUMENTS = (*MODEL_PATH_ARGUMENTS, "model")
"""Arguments that may name a model, followed to the file's own defaults (likely_values.py)."""


def trace_arguments(
    call: RootCall, root: dict[str | int, Any], origin: Origin, tracer: SourceTracer
) -> dict[str | int, tuple[Source, ...]]:
    """The sources of the arguments that are not known; nothing for a call that puts no adapter on
    a model.
    """
    _, scope, name = call
    last = name.rpartition(".")[2]
    is_adapter_call = last in ADAPTER_WRAPPERS | ADAPTER_METHODS or is_adapter_load(name)
    if not is_adapter_call and not ROOT_KEYWORDS & root.keys():
        return {}
    return {
        key: tracer.trace(child.node, scope)
        for key, child in origin.children.items()
        if isinstance(root[key], Unknown) and isinstance(child.node, ast.expr)
    }


def fold_arguments(
    call: ast.Call, scope: Scope, folder: Folder
) -> tuple[dict[str | int, Any], Origin, bool]:
    """The values of a call's arguments, where they come from, and whether these are all of them."""
    values: dict[str | int, Any] = {}
    origin = Origin(call, call.func)
    complete = True
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            complete = False
            break
        folded = folder.fold(argument, scope)
        values[index] = folded.value
        origin.children[index] = folded.origin
    lazy = find_lazy_target(call) is not None
    if isinstance(call.func, ast.Attribute) and call.func.attr in ADAPTER_METHODS:
        owner = folder.fold(call.func.value, scope)
        values["model"], origin.children["model"] = owner.value, owner.origin
    for keyword in call.keywords:
        if lazy and keyword.arg == "type":
            continue
        if keyword.arg is not None:
            folded = folder.fold(keyword.value, scope)
            values[keyword.arg] = folded.value
            child = Origin(folded.origin.node, keyword)
            child.children, child.written = folded.origin.children, folded.origin.written
            origin.children[keyword.arg] = child
            continue
        inner = folder.fold_mapping(keyword.value, scope)
        if inner is None:
            complete = False
        else:
            values.update(inner.value)
            origin.children.update(inner.origin.children)
    return values, origin, complete


def fill_in_models(
    root_calls: list[RootCall], roots: list[dict[str | int, Any]], folder: Folder
) -> None:
    """Put the defaults that the file gives in place of model names that are not known otherwise."""
    from .choices import find_choices
    from .likely_values import DefaultFollower

    follower = DefaultFollower(*folder.get_parts())
    for (call, scope, name), root in zip(root_calls, roots, strict=True):
        if name.rpartition(".")[2] != "from_pretrained" and not ROOT_KEYWORDS & root.keys():
            continue
        arguments: dict[str | int | None, ast.expr] = {k.arg: k.value for k in call.keywords}
        arguments.update(enumerate(call.args))
        keys = ADAPTER_PATH_ARGUMENTS if is_adapter_load(name) else ()
        for key in (*MODEL_ARGUMENTS, *keys):
            if key in arguments and type(root.get(key)) is Unknown:
                text = follower.follow(arguments[key], scope)
                several = find_choices(arguments[key], scope, follower) if text is None else text
                root[key] = root[key] if several is None else several


def fill_in_defaults(
    root_calls: list[RootCall],
    folded: list[tuple[dict[str | int, Any], Origin, bool]],
    folder: Folder,
) -> list[dict[str | int, Unknown]]:
    """Put the defaults that the file gives in place of the arguments of configurations that are not
    known; what stood there comes out, for each call.
    """
    follower = None
    replaced: list[dict[str | int, Unknown]] = []
    for (call, scope, name), (root, origin, _) in zip(root_calls, folded, strict=True):
        replaced.append({})
        unknown = [key for key, value in root.items() if type(value) is Unknown and key != "model"]
        if not unknown or not (
            name.rpartition(".")[2] in _CALLS_WITH_DEFAULTS or is_likely_config(name)
        ):
            continue
        from .default_values import DefaultValueFollower

        follower = follower or DefaultValueFollower(*folder.get_parts())
        arguments: dict[str | int | None, ast.expr] = {k.arg: k.value for k in call.keywords}
        arguments.update(enumerate(call.args))
        for key in (key for key in unknown if key in arguments):
            value = follower.follow_value(arguments[key], scope)
            if value is not None:
                replaced[-1][key], root[key] = root[key], value.value
                child = origin.children[key]
                child.children, child.written = value.origin.children, value.origin.written
    return replaced


def mark_later_assignments(
    root_calls: list[RootCall], roots: list[dict[str | int, Any]], folder: Folder
) -> None:
    """Make an argument unknown whose attribute is assigned to after the call (`config.r = 8`): what
    the call was given no longer holds.
    """
    for name, attribute, scope in folder.module.changes.stores:
        owner = scope.find_owner(name)
        for binding in owner.bindings[name] if owner is not None else []:
            if isinstance(binding.value, ast.Call) and binding.value in folder.results:
                number = folder.results[binding.value]
                if root_calls[number][2].rpartition(".")[2] in CONFIG_CALLS:
                    roots[number][attribute] = AssignedLater(f"{name}.{attribute}")
