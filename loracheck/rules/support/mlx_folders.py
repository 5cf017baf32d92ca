"""Whether Apple's MLX loads the adapter that a file names."""

from __future__ import annotations

from os.path import join

from loracheck.documents.dependencies import exists
from loracheck.rules.support.local_folders import CONFIG, find_local_folder, read_local_adapter
from loracheck.tools.mlx_lm_adapters import (
    FILES,
    WEIGHTS,
    NotLoaded,
    judge_config,
    judge_file,
    judge_weights,
)
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document


def judge_adapter(document: Document, path: object, library: str) -> NotLoaded | None:
    """Why a library of MLX does not load what a document gives it as `adapter_path`; None where it
    may well load it, or where that cannot be seen.
    """
    folder = find_local_folder(document, path)
    if isinstance(path, str) and path.endswith(FILES):
        is_folder = folder is not None and exists(join(folder, CONFIG))
        return None if is_folder else judge_file(path, library)
    adapter = read_local_adapter(document, path)
    if adapter is not None:
        return judge_config(adapter, library)
    if folder is None or exists(join(folder, CONFIG)):
        return None
    name = next((name for name in WEIGHTS if exists(join(folder, name))), None)
    return judge_weights(name, library) if name is not None else None
