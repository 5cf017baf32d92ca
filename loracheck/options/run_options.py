"""`RunOptions`: what a caller asks of a run, before the settings file is read."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple


class RunOptions(NamedTuple):
    """What a caller asks of a run; None or empty where it does not say."""

    model: str | None = None
    """The model to judge every config against: a Hub id, a folder or a config.json."""

    peft: str | None = None
    """The PEFT release to judge by."""

    transformers: str | None = None
    """The transformers line to judge by."""

    python: str | None = None
    """Path of the interpreter whose transformers builds trees."""

    online: bool | None = None
    """Whether missing config.json files are fetched from the Hub."""

    select: tuple[str, ...] = ()
    """The rules to run: codes, prefixes of codes or names, separated by commas or blanks."""

    extend_select: tuple[str, ...] = ()
    """Rules to run as well, written likewise."""

    ignore: tuple[str, ...] = ()
    """Rules not to run, written likewise."""

    output_format: str | None = None
    """Name of a reporter."""

    fail_on: str | None = None
    """Lowest severity that makes a run fail."""

    config: str | None = None
    """Path of the settings file; None for the nearest one above the paths."""

    isolated: bool = False
    """Whether no settings file is read."""

    serve: tuple[str, ...] = ()
    """Engines that must take the adapter, as `vllm` or `vllm==0.11`."""

    policy: tuple[str, ...] = ()
    """Paths of policies, which count beside those of the settings file."""
