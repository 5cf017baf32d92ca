"""`BuildError`: why the tree of a config could not be built."""

from __future__ import annotations


class BuildError(Exception):
    """No tree. `kind`: unknown-model-type, remote-code, no-such-head, invalid-config, not-allowed,
    too-large, out-of-time, library-missing, needs-package or crash; `reason` is one sentence,
    transformers' own where it has one.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind, self.reason = kind, reason

    def __str__(self) -> str:
        return self.reason
