"""`HubSource`: a Hub id whose config is downloaded, where the options allow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loracheck.trees.libraries import libraries_named

from .hub_files import HubError, fetch_file, looks_like_id
from .request import Resolved

if TYPE_CHECKING:
    from .request import Request, TreeOptions


class HubSource:
    """Trees of configs on the Hugging Face Hub."""

    def find(self, request: Request, options: TreeOptions) -> Resolved | None:
        """The tree of the config on the Hub, or why it cannot be fetched; None for what is no Hub
        id, and offline.
        """
        if not options.online or not looks_like_id(request.model):
            return None
        from .config_json import tree_of_hub_config

        failure: HubError | None = None
        for library in libraries_named(request.library):
            try:
                path = fetch_file(
                    request.model,
                    request.revision,
                    library.config_file,
                    options.notify,
                    use_token=options.use_token,
                )
            except HubError as error:
                failure = failure or error
                continue
            return tree_of_hub_config(path, request, options, "the Hub")
        return Resolved(None, reason=str(failure)) if failure else None
