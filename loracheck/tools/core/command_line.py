"""Command lines in shell scripts: whose each one is, and the Setting that it makes.

The options of a command are a tool's file with other brackets, so the tool's own module reads
them, once `option_values.py` has typed the words. A command that takes a configuration file beside
options only overrides what stands there: then only the values that are given can be judged. The
same holds for scripts of one's own, which read options as they like.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .conversion import parse_scalar
from .index import load_index
from .lookup import get_block
from .lora_evidence import SWITCHES
from .option_values import read_options
from .registry import detect_tool, import_tool, load_key_maps
from .standalone_options import SCRIPT, make_partial_setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path, Span
    from loracheck.documents.shell.commands import Command
    from loracheck.documents.shell.word_expansion import Word
    from loracheck.documents.values import Table

    from .setting import Setting
    from .tool import Tool


_CONFIG = compile_when_used(
    r"[^=]*\.(?:ya?ml|json|toml)", words=(".yaml", ".yml", ".json", ".toml")
)
_CONFIG_OPTIONS = frozenset(
    {"__config", "__config_file", "__config_path", "__config_name", "__args_file", "_c", "_cn"}
)
OVERRIDES = "the rest stands in a configuration file; only the values given here were checked"


class FoundProgram(NamedTuple):
    """The program that a command's options are for: its tool (None for a program that sets no LoRA
    up), `Program.own_lora`, the place of its word, and its name.
    """

    tool: str | None
    own_lora: str | None
    at: int
    name: str


class CommandView:
    """A document of which one root is left, with the values that the parser makes of its words: a
    tool's module goes through all roots. `program` is the name of the program, dotted where it is a
    Python file or module; empty where the options alone tell the tool.
    """

    launcher_keys: frozenset[str]
    """The options before the program, which are those of `accelerate launch` and its like."""

    script: str
    """The Python file that the command names first, without folder and suffix; empty where none."""

    def __init__(
        self,
        document: Document,
        number: int,
        root: Table,
        program: FoundProgram | None,
        words: list[Word],
    ) -> None:
        self.program = program.name if program else ""
        before = words[: program.at] if program else []
        self.launcher_keys = frozenset(
            word.text.lstrip("-").partition("=")[0].replace("-", "_") for word in before
        )
        names = (word.text.rpartition("/")[2] for word in words)
        self.script = next((n.removesuffix(".py") for n in names if n.endswith(".py")), "")
        self.path = document.path
        self.text = document.text
        self.format = document.format
        self.problems = document.problems
        self.roots = [root if i == number else None for i in range(len(document.roots))]
        self._document = document

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Place in the script of the value at `path`, or of its key."""
        return self._document.span(path, key=key)


def read(document: Document) -> list[Setting]:
    """The settings of all commands of a script, in their order."""
    commands: list[Command] = getattr(document, "commands", [])
    settings: list[Setting] = []
    for number, command in enumerate(commands):
        for setting in _read_command(document, number, command):
            setting.document = document
            settings.append(setting)
    return settings


def _read_command(document: Document, number: int, command: Command) -> Iterator[Setting]:
    words = document.roots[number]
    program = find_program(command)
    name = program.tool if program else _detect_by_options(words)
    if name is None:
        root = read_options(words, (SCRIPT,))
        if program is None and _sets_lora(root):
            yield make_partial_setting(SCRIPT, document, (number,), root)
        return
    tools = load_key_maps(name)
    root = read_options(words, tools)
    if (program or name in load_index().recipes) and _takes_file(
        command.words[program.at + 1 if program else 1 :]
    ):
        yield from _find_overrides(document, number, root, tools)
        return
    view = CommandView(document, number, root, program, command.words)
    for setting in import_tool(name).read(view):
        setting.options, setting.options_known = root, command.complete
        if program:
            setting.behaviour.program = program.name.rpartition(".")[2]
        if program and program.own_lora:
            setting.own_lora = program.own_lora
        if not command.complete:
            _forget_defaults(setting)
        yield setting


class BareCommand(NamedTuple):
    """A command of a tool's that sets no LoRA up."""

    tool: str
    number: int
    """The root of the document that has its options."""

    options: Table

    known: bool
    """Whether these are all options: no file and no variable of the shell may hold more."""

    program: str
    """The last part of the program's name."""


def list_bare_commands(document: Document) -> Iterator[BareCommand]:
    """The commands of a script that run a tool's program and set no LoRA up."""
    commands: list[Command] = getattr(document, "commands", [])
    for number, command in enumerate(commands):
        words = document.roots[number]
        program = find_program(command)
        if program is None or program.tool is None or not isinstance(words, dict):
            continue
        if next(_read_command(document, number, command), None) is None:
            options = read_options(words, load_key_maps(program.tool))
            known = command.complete and not _takes_file(command.words[program.at + 1 :])
            name = program.name.rpartition(".")[2]
            yield BareCommand(program.tool, number, options, known, name)


def _find_overrides(
    document: Document, number: int, root: Table, tools: tuple[Tool, ...]
) -> Iterator[Setting]:
    """The values of the first of a tool's blocks that has some, where a file holds the rest."""
    for tool in tools:
        inner = get_block(root, *tool.block)
        overrides = {
            key.field: inner[key.name] for key in tool.keys if key.name in inner and key.field
        }
        # A rank of 0 is how verl says no LoRA.
        if overrides and overrides.get("r", 1) not in (0, "0"):
            setting = make_partial_setting(tool, document, (number, *tool.block), inner)
            setting.options = root
            setting.own_lora = OVERRIDES
            yield setting
            return


def find_program(command: Command) -> FoundProgram | None:
    """The program that the options are for; None for one that no tool has."""
    for at, words in _list_program_names(command):
        for pattern, tool, note in load_index().programs:
            if re.fullmatch(pattern, words):
                return FoundProgram(tool, note, at, words.partition(" ")[0])
    return None


def _list_program_names(command: Command) -> Iterator[tuple[int, str]]:
    """What may be the program, with its place among the words: the name of a script or the dotted
    path of a Python file or module, then the word after it.
    """
    words = [word.text.rpartition("\0")[2] for word in command.words]
    for at, word in enumerate(words):
        if not word or word.startswith("-") or "=" in word:
            continue
        after = words[at + 1] if at + 1 < len(words) else ""
        if word.endswith(".py"):
            yield at, f"{word[:-3].replace('/', '.').lstrip('.')} {after}"
        elif at == 0 or not words[at - 1].startswith("--") or words[at - 1] == "--module":
            yield at, f"{word.rpartition('/')[2]} {after}"


def _detect_by_options(root: Table) -> str | None:
    """The tool that the options alone tell."""
    name = detect_tool(root)
    how = load_index().options.get(name or "")
    if name is None or how is None or (how == "every" and not _has_no_other_keys(name, root)):
        return None
    return name


def _has_no_other_keys(name: str, root: Table) -> bool:
    """Whether a script of one's own has the tool's switch, and no option about LoRA that the tool
    has not.
    """
    tool = load_key_maps(name)[0]
    ours = [key for key in root if "lora" in key or "peft" in key or "4bit" in key or "8bit" in key]
    switch = tool.switch.path[-1] if tool.switch else ""
    return switch in root and all(tool.key(key) for key in ours)


def _takes_file(words: list[Word]) -> bool:
    """Whether a configuration file is among the arguments of a program."""
    options = [i for i, word in enumerate(words) if word.text.startswith("--")]
    # A file that is the value of some other option is no configuration of LoRA.
    free = words[: options[0]] if options else words
    return any(_CONFIG.fullmatch(word.text) for word in free) or any(
        word.text.partition("=")[0].replace("-", "_") in _CONFIG_OPTIONS for word in words
    )


def _sets_lora(root: Table) -> bool:
    """Whether a script of one's own is given a rank above 0 and something more about LoRA, which is
    not switched off.
    """
    rank = root.get("lora_r", root.get("lora_rank"))
    switches = [parse_scalar(root[key]) for key in SWITCHES if key in root]
    if rank is None or rank == 0 or any(switch in (False, 0) for switch in switches):
        return False
    more = ("lora_alpha", "lora_dropout", "lora_target_modules")
    return bool(switches) or any(key in root for key in more)


def _forget_defaults(setting: Setting) -> None:
    """Take back what the tool fills in: an unknown `$ARGS` may say otherwise."""
    setting.complete = False
    for field in list(setting.fields):
        if field not in setting.places and field != "task_type":
            if field == "target_modules":
                setting.fields[field] = Unknown("further arguments")
            else:
                del setting.fields[field]
