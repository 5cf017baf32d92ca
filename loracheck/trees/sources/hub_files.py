"""The small JSON files of a model on the Hub: from the local cache, or with `--online` fetched.

The local cache is read by its layout (refs, snapshots), without huggingface_hub; fetching goes
through huggingface_hub, which also heeds HF_ENDPOINT and HF_TOKEN.
"""

from __future__ import annotations

import os
import re

from loracheck.documents.dependencies import is_file
from loracheck.documents.model import DocumentError
from loracheck.documents.source import load
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW = 1.0
"""Seconds after which a fetch says that it is under way."""


class HubError(Exception):
    """The file could not be had; the message is one clear sentence. `absent`: the repository is
    there, and has no such file.
    """

    absent = False


MAX_REF = 4096
"""Longest file of a ref that is read, in bytes: it holds a commit's 40 hex digits."""

_ID_PART = r"(?a)[A-Za-z0-9_][\w.-]{0,95}"
"""Owner or name of a Hub id: huggingface_hub 1.0, utils/_validators.py, REPO_ID_REGEX."""

_REVISION = r"(?a)[A-Za-z0-9_][\w./@+-]{0,254}"
"""A branch, tag or commit: what git-check-ref-format allows and people use."""


def looks_like_id(model: str) -> bool:
    """Whether the name can be a Hub id: `name` or `owner/name`, and no path."""
    parts = model.split("/")
    return (
        len(parts) < 3 and ".." not in model and all(re.fullmatch(_ID_PART, part) for part in parts)
    )


def is_revision(revision: str) -> bool:
    """Whether the text can be a revision of a Hub repository, and no path out of its folder."""
    return ".." not in revision and re.fullmatch(_REVISION, revision) is not None


_IN_CACHE = r"(?:.*[/\\\\])?models--([^/\\\\]+)[/\\\\]snapshots[/\\\\]([^/\\\\]+)[/\\\\]?"


_IN_MODELSCOPE = (
    r"(?:.*[/\\\\])?modelscope[/\\\\]hub[/\\\\](?:models[/\\\\])?"
    r"([^/\\\\]+)[/\\\\]([^/\\\\]+)[/\\\\]?"
)
"""A model's folder in the cache of ModelScope (modelscope 1.40.2, utils/file_utils.py; "hub/models"
is "hub" in older releases).
"""


def parse_cache_path(model: str) -> tuple[str, str | None] | None:
    """Id and commit of a path into somebody's cache of the Hugging Face Hub, or the id of one into
    that of ModelScope; None for any other name.
    """
    cache_path = re.fullmatch(_IN_CACHE, model) if "models--" in model else None
    if cache_path is not None:
        return cache_path[1].replace("--", "/"), cache_path[2]
    folder = re.fullmatch(_IN_MODELSCOPE, model) if "modelscope" in model else None
    if folder is None or folder[1] in ("models", "datasets"):
        return None
    return unmask_name(f"{folder[1]}/{folder[2]}"), None


def unmask_name(path: str) -> str:
    """The id that a folder of ModelScope's is of: it has three underscores for each dot
    (modelscope 1.40.2, hub/utils/utils.py).
    """
    return path.replace("___", ".")


def find_cached_file(model: str, revision: str | None, name: str) -> str | None:
    """A file of a Hub id in the local Hugging Face cache, or None."""
    if not looks_like_id(model) or not is_revision(revision or "main"):
        return None
    root = os.path.join(_find_hub_cache(), f"models--{model.replace('/', '--')}")
    revision_name = revision or "main"
    try:
        commit = (
            load(os.path.join(root, "refs", revision_name), MAX_REF, anywhere=True)
            .decode("utf-8")
            .strip()
        )
    except (OSError, DocumentError, UnicodeDecodeError):
        commit = revision_name
    if not is_revision(commit):
        return None
    path = os.path.join(root, "snapshots", commit, name)
    return path if is_file(path) else None


def _find_hub_cache() -> str:
    """The cache folder, by the variables that huggingface_hub documents."""
    cache = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if cache:
        return cache
    home = os.environ.get("HF_HOME")
    if home:
        return os.path.join(home, "hub")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "huggingface", "hub")


def fetch_file(
    model: str,
    revision: str | None,
    name: str,
    notify: Callable[[str], None],
    *,
    use_token: bool = False,
) -> str:
    """Download one file into the Hugging Face cache and give its path.

    `notify` gets a line when the fetch is slow. The user's token goes along with `use_token` alone.
    Raises HubError.
    """
    if not looks_like_id(model) or not is_revision(revision or "main"):
        raise HubError(f"{name} of {model} could not be fetched: {_REASONS['HFValidationError']}")
    from threading import Timer

    try:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import (
            HfHubHTTPError,
            HFValidationError,
            LocalEntryNotFoundError,
        )
    except ImportError:
        raise HubError(
            "huggingface_hub is not installed, so nothing can be fetched "
            "(it comes with loracheck[models])"
        ) from None
    timer = Timer(SLOW, notify, (f"fetching {name} of {model} ...",))
    timer.daemon = True
    timer.start()
    try:
        return str(
            hf_hub_download(model, name, revision=revision, token=None if use_token else False)
        )
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        failure = HubError(f"{name} of {model} could not be fetched: {_format_reason(error)}")
        failure.absent = _format_reason(error) == _ABSENT
        raise failure from error
    finally:
        timer.cancel()


_ABSENT = "the model has no such file"
_REASONS = {
    "GatedRepoError": "the model is gated; log in with an account that has access",
    "RepositoryNotFoundError": "no such model, or it is private",
    "RevisionNotFoundError": "no such revision",
    "EntryNotFoundError": _ABSENT,
    "RemoteEntryNotFoundError": _ABSENT,
    "LocalEntryNotFoundError": "the Hub cannot be reached",
    "HFValidationError": "this is no Hub id",
}


def _format_reason(error: Exception) -> str:
    reason = next(
        (_REASONS[c.__name__] for c in type(error).__mro__ if c.__name__ in _REASONS), None
    )
    return reason or str(error).strip().partition("\n")[0] or type(error).__name__
