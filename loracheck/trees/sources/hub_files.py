"""The small JSON files of a model on the Hub: from the local cache, or with `--online` fetched.

The local cache is read by its layout (refs, snapshots), without huggingface_hub; fetching goes
through huggingface_hub, which also heeds HF_ENDPOINT and HF_TOKEN.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW = 1.0
"""Seconds after which a fetch says that it is under way."""


class HubError(Exception):
    """The file could not be had; the message is one clear sentence."""


def looks_like_id(model: str) -> bool:
    """Whether the name can be a Hub id: `name` or `owner/name`, and no path."""
    return bool(model) and model.count("/") < 2 and not model.startswith((".", "/", "~", "-"))


_IN_CACHE = re.compile(
    r"(?:.*[/\\\\])?models--([^/\\\\]+)[/\\\\]snapshots[/\\\\]([^/\\\\]+)[/\\\\]?"
)


def id_of_cache_path(model: str) -> tuple[str, str] | None:
    """Hub id and commit of a path into somebody's Hugging Face cache; None for any other name."""
    found = _IN_CACHE.fullmatch(model)
    return (found[1].replace("--", "/"), found[2]) if found else None


def cached_file(model: str, revision: str | None, name: str) -> str | None:
    """A file of a Hub id in the local Hugging Face cache, or None."""
    if not looks_like_id(model):
        return None
    root = os.path.join(_cache(), f"models--{model.replace('/', '--')}")
    wanted = revision or "main"
    try:
        with open(os.path.join(root, "refs", wanted), encoding="utf-8") as file:
            commit = file.read().strip()
    except OSError:
        commit = wanted
    path = os.path.join(root, "snapshots", commit, name)
    return path if os.path.isfile(path) else None


def _cache() -> str:
    """The cache folder, by the variables that huggingface_hub documents."""
    own = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if own:
        return own
    home = os.environ.get("HF_HOME")
    if home:
        return os.path.join(home, "hub")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "huggingface", "hub")


def fetch_file(model: str, revision: str | None, name: str, notify: Callable[[str], None]) -> str:
    """Download one file into the Hugging Face cache and give its path.

    `notify` gets a line when the fetch is slow. Raises HubError.
    """
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
        return str(hf_hub_download(model, name, revision=revision))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise HubError(f"{name} of {model} could not be fetched: {_reason(error)}") from error
    finally:
        timer.cancel()


_REASONS = {
    "GatedRepoError": "the model is gated; log in with an account that has access",
    "RepositoryNotFoundError": "no such model, or it is private",
    "RevisionNotFoundError": "no such revision",
    "EntryNotFoundError": "the model has no such file",
    "RemoteEntryNotFoundError": "the model has no such file",
    "LocalEntryNotFoundError": "the Hub cannot be reached",
    "HFValidationError": "this is no Hub id",
}


def _reason(error: Exception) -> str:
    known = next(
        (_REASONS[c.__name__] for c in type(error).__mro__ if c.__name__ in _REASONS), None
    )
    return known or str(error).strip().partition("\n")[0] or type(error).__name__
