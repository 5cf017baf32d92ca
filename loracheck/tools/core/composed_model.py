"""The base model of a YAML file that names none and is one of several files of which hydra
composes a configuration: the others name it.
"""

from __future__ import annotations

from loracheck.documents.dependencies import is_file
from loracheck.documents.hydra import list_compositions
from loracheck.documents.model import OneOf
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from loracheck.documents.hydra import Composition
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .setting import Setting

    Chain = tuple[tuple[Path, Table], ...]
    FindModel = Callable[[Chain], tuple[object, object]]


def add_composed_models(
    document: Document, settings: Iterable[Setting], find_model: FindModel
) -> None:
    """Give the settings without a model that of the configurations which the file is part of: as
    one that stands until another option of its group is taken. `find_model` finds it in a setting's
    mapping and those that enclose it, outermost first.
    """
    waiting = [one for one in settings if one.model is None and one.path[:1] == (0,)]
    if not waiting or not is_file(document.path):
        return
    compositions = list(list_compositions(document.path))
    for setting in waiting:
        chains = (_list_mappings(composed, setting.path) for composed in compositions)
        models = list(dict.fromkeys(find_model(chain)[0] for chain in chains))
        texts = tuple(one for one in models if isinstance(one, str))
        if not texts or len(texts) != len(models):
            continue
        setting.model = texts[0] if len(texts) == 1 else OneOf("one of several", texts)
        setting.assumed = True


def _list_mappings(composed: Composition, path: Path) -> Chain:
    """The mapping of a setting in a composed configuration, after those that enclose it."""
    chain: list[tuple[Path, Table]] = [((), composed.values)]
    for key in (*composed.package, *path[1:]):
        inner = chain[-1][1].get(key)
        if not isinstance(inner, dict):
            break
        chain.append(((*chain[-1][0], key), inner))
    return tuple(chain)
