"""The types of this room: `Engine` at one release, the traits of an adapter, and the engine's
answers.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

    Effect = Literal["refused", "limited", "wrong", "ignored", "unsupported", "taken"]
    """refused: loading or converting fails; limited: fails unless the server is started, or the
    adapter saved, with an option;
    wrong: accepted, and other numbers than PEFT's come out; ignored: accepted, and that part of the
    adapter does nothing; unsupported: the sources have no code for it, and how it fails was not
    read; taken: the sources do with it what PEFT does.
    """
else:
    Effect = str


class Trait(NamedTuple):
    """Something about an adapter that engines treat differently, in PEFT's terms.

    `what` is a word of the data files (`dora`, `rank`, `head`, ...); `field` the config field that
    brings it about, `entry` the entry of a list or mapping there; `value` a number or a module's
    name; `count` how many modules are concerned (0: not counted).
    """

    what: str
    field: str
    value: int | str | None = None
    entry: str | None = None
    count: int = 0  # type: ignore[assignment]  # hides tuple.count, which nobody calls here


class Fact(NamedTuple):
    """What an engine does with one trait. It holds from the release `since` on and no longer in
    `before`; None is open. `unless` lists values of the trait that are fine. `only` and `but` are
    patterns of architectures: the ones that it holds of (none: all), and those of which it does
    not.
    """

    what: str
    effect: Effect
    text: str
    help: str
    source: str
    since: str | None = None
    before: str | None = None
    unless: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


class Ranks(NamedTuple):
    """Ranks of a release: `most` the highest one that it can be started with, `default` the one
    that it takes when started without `flag`, `steps` the values that the flag takes.
    """

    most: int | None
    default: int | None
    flag: str
    steps: tuple[int, ...]
    source: str


class Modules(NamedTuple):
    """Linear layers that an engine adapts, by the last part of their names; others fall under the
    fact `module`, and are not known where there is none. `only` are patterns of the architectures
    that the list is of (none: all); `own` of those whose classes have a list of their own, which
    was not read.
    """

    leaves: frozenset[str]
    only: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


class Engine(NamedTuple):
    """One engine at one release.

    `requested_version` is the release as the user gave it (None: the newest known), `version` the
    one whose sources judge (None for an engine of which one state was read, `state`). `lora` says
    for an architecture, or a pattern of several, what the release's own class of it does: "none",
    or "lora" with the ends that take LoRA too; an architecture without an entry is unknown.
    """

    name: str
    title: str
    requested_version: str | None
    version: str | None
    state: str
    newest: bool
    facts: tuple[Fact, ...]
    ranks: Ranks | None
    modules: tuple[Modules, ...]
    lora: dict[str, str]
    loads_lora_files: bool = False
    """Whether it loads LoRA files of diffusion models, and no folders of PEFT's."""

    @property
    def label(self) -> str:
        """How messages name it: `vLLM 0.11.2`."""
        return f"{self.title} {self.version}" if self.version else self.title


class Refusal(NamedTuple):
    """One thing that an engine does not do with an adapter."""

    trait: Trait
    effect: Effect
    text: str
    help: str
    source: str
    since: str | None = None
    before: str | None = None
    seen: tuple[str, ...] = ()
