"""The request to a source of module trees, its answer, and what a source is.

A source is a class with one method, `find`, and one entry of `loracheck.trees.resolve.SOURCES`.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from loracheck.releases.choose import Choice
    from loracheck.releases.pins.pin import Pin
    from loracheck.trees.model import ModuleTree

    from .builds import Builds
else:
    Protocol = object


NAMES_ONLY = "names-only"
"""`ResolvedTree.kind` of a tree of which the names alone are known."""


def ignore_progress(line: str) -> None:
    """The default of `notify`: drops the line."""


class Request(NamedTuple):
    """A model as a config names it."""

    model: str
    """A Hub id, a folder, or a config.json."""

    revision: str | None = None
    """Branch, tag or commit on the Hub; None for the main one."""

    heads: tuple[str, ...] = ()
    """Model classes to try, best first; empty for the checkpoint's own."""

    num_labels: int | None = None
    """Labels of a classification head."""

    beside: str = "."
    """Folder of the config that names the model: paths and the lock file are looked up from it."""

    names_do: bool = False
    """Whether a tree of names without sizes is of use."""

    library: str | None = None
    """Library whose model it is; None where the file does not tell, so that any library may
    answer.
    """

    part: str | None = None
    """Folder of the checkpoint that the model stands in ("text_encoder" of a pipeline); None for
    the checkpoint itself, or the part that its pipeline is about.
    """


class TreeOptions(NamedTuple):
    """How trees may be had."""

    transformers: str | None = None
    """The transformers release to judge by ("4.57.6"), or the beginning of one ("4.57", "5": the
    newest such); None for what `loracheck.releases.choose` finds.
    """

    python: str | None = None
    """Path of another interpreter, whose transformers builds."""

    online: bool = False
    """Whether small JSON files may be fetched from the Hub."""

    use_token: bool = False
    """Whether the user's token may go along: never on the word of the repository's own settings,
    which would send it for ids of a stranger's choice.
    """

    lock: bool = True
    """Whether the lock file is read."""

    local: bool = True
    """Whether what this machine has counts: folders, caches, and libraries that build. False leaves
    what is shipped with loracheck.
    """

    notify: Callable[[str], None] = ignore_progress
    """Gets a line where something takes long."""

    release: Choice | None = None
    """The transformers release that judges, and why; `resolve` chooses it."""

    own_pins: tuple[Pin, ...] = ()
    """The releases that the file itself installs."""

    builds: Builds | None = None
    """The account of the run's builds; None for no bound on them all, and none remembered."""

    def get_wanted_version(self, library: str) -> str | None:
        """The release of a library to judge by; None for the newest known."""
        if library != "transformers":
            return None
        return self.release.version if self.release else self.transformers


class ResolvedTree(NamedTuple):
    """A tree and where it came from, or the reason why there is none."""

    tree: ModuleTree | None
    """The module tree; None where it could not be had."""

    source: str | None = None
    """Where the tree came from, in words for a report."""

    reason: str | None = None
    """Why there is no tree, in one sentence."""

    help: str | None = None
    """What to do about it."""

    rival: ModuleTree | None = None
    """The tree of the known release on the other side, where the wanted release lies between two
    that differ for this model.
    """

    release: Choice | None = None
    """The transformers release that was wanted, and why."""

    notes: tuple[str, ...] = ()
    """What is to be said of the release, a sentence each without its full stop."""

    kind: str | None = None
    """The `kind` of the builder's BuildError, where the builder was asked and failed, or
    `lock.DAMAGED_LOCK`; NAMES_ONLY for a tree of the names of a class.
    """

    fragment: ModuleTree | None = None
    """Some of the model's modules, where there is no tree because it may have others."""

    alternatives: tuple[tuple[str, ResolvedTree], ...] = ()
    """The models, with their trees, of which a run takes one, where there is no tree for that."""


class Source(Protocol):
    """A place that module trees come from."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        """The tree of the model, or the reason why it cannot be had although it is here; None where
        this source does not have the model, so that the next is asked. Raises nothing.
        """


NO_MODEL = ResolvedTree(
    None, reason="the file names no base model", help="name it with --model ID|DIR|config.json"
)
