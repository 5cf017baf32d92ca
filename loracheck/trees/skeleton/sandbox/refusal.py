"""The errors that end a build on purpose: no tree for this config, or something not allowed."""

from __future__ import annotations

import errno


class RefusalError(Exception):
    """There is no tree for this request. `kind` is one of the answers in the protocol of `main`."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind, self.reason = kind, reason

    def __str__(self) -> str:
        return self.reason


class NotAllowedError(PermissionError):
    """The model's code asked for something outside of the build."""

    def __init__(self, what: str) -> None:
        super().__init__(errno.EPERM, what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what}, which a build is not allowed"
