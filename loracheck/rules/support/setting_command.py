"""In comes a setting, out come the shell script that it stands in and its command there."""

from __future__ import annotations

from loracheck.documents.shell.commands import get_commands
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Span
    from loracheck.documents.shell.commands import Command, CommandDocument
    from loracheck.documents.shell.word_expansion import Word
    from loracheck.tools.core.setting import Setting


class SettingCommand(NamedTuple):
    """The command whose options a setting was read from."""

    document: CommandDocument
    """The script."""

    number: int
    """The command's place in `document.commands`."""

    @property
    def command(self) -> Command:
        """The command itself."""
        return self.document.commands[self.number]

    def span(self, word: Word) -> Span:
        """Where a word of the script stands in the file."""
        return self.document.script_span(word.start, word.end)


def find_setting_command(setting: Setting) -> SettingCommand | None:
    """The command that a setting was read from; None for a setting of another kind of file."""
    document = get_commands(setting.document)
    if document is None or not setting.path:
        return None
    return SettingCommand(document, int(setting.path[0]))
