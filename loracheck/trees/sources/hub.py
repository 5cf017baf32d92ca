"""`HubSource`: a Hub id whose config is downloaded, where the options allow it."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .hub_files import HubError, fetch_file, looks_like_id
from .pipeline import NoPartError, find_config
from .request import ResolvedTree

if TYPE_CHECKING:
    from .request import Request, TreeOptions


class HubSource:
    """Trees of configs on the Hugging Face Hub."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The tree of the config on the Hub, or why it cannot be fetched; None for what is no Hub
        id, and offline.
        """
        if not options.online or not looks_like_id(request.model):
            return None
        from .config_json import resolve_hub_config

        fetch = _Fetch(request, options)
        try:
            config = find_config(request, fetch.get)
        except (HubError, NoPartError) as error:
            return ResolvedTree(None, reason=str(error))
        if config is None:
            return ResolvedTree(None, reason=str(fetch.absent)) if fetch.absent else None
        path, name = config
        source = f"{name} on the Hub" if "/" in name else "the Hub"
        return resolve_hub_config(path, request, options, source)


class _Fetch:
    """Fetches files of one repository. `absent` is the error of the first that it does not have."""

    def __init__(self, request: Request, options: TreeOptions) -> None:
        self._request, self._options = request, options
        self.absent: HubError | None = None

    def get(self, name: str) -> str | None:
        """The path of a file; None where the repository does not have it. Raises HubError."""
        request, options = self._request, self._options
        try:
            return fetch_file(
                request.model,
                request.revision,
                name,
                options.notify,
                use_token=options.use_token,
            )
        except HubError as error:
            if not error.absent:
                raise
            self.absent = self.absent or error
            return None
