"""The command line. In come the words of a shell, out go calls to the other rooms, text on standard
output and an exit status. Begin at `commands.py`, then `check.py` and `run.py`.

`cli` is the command of all commands. It is imported when it is first used: a plain check does
without click (`quick_check.py`).
"""

from __future__ import annotations

from loracheck.lazy_names import import_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from .commands import COMMANDS, cli

__all__ = ["COMMANDS", "cli"]

__getattr__ = import_when_used(__name__, dict.fromkeys(__all__, "loracheck.cli.commands"))
