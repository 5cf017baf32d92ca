"""The commands that a Python text hands to a shell, or starts as a list of words:
`subprocess.run("vllm serve ...", shell=True)`, `Popen(["vllm", "serve", ...])`, `os.system(...)`.
In comes a text, out come the words as far as they are written out. Nothing is run.

Python's library reference: subprocess (run, call, check_call, check_output, Popen), asyncio
(create_subprocess_shell, create_subprocess_exec), os (system, popen).
"""

from __future__ import annotations

import ast

from loracheck.documents.shell.script import expand_commands
from loracheck.documents.shell.word_expansion import UNKNOWN_MARK
from loracheck.documents.tree_document import Place
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .folding import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bindings import Scope
    from .parsed_module import ParsedModule

_STARTS = {
    **dict.fromkeys(("run", "call", "check_call", "check_output", "Popen"), "subprocess"),
    **dict.fromkeys(("system", "popen"), "os"),
    **dict.fromkeys(("create_subprocess_shell", "create_subprocess_exec"), "asyncio"),
}
"""Function that starts a command -> its module."""

_TRIGGER = compile_when_used(r"\b(?:subprocess|os\.(?:system|popen))\b")
_UNKNOWN = "$_"
"""A shell's variable in the place of a part that is not known."""


class StartedCommand(NamedTuple):
    """One command: its words, with UNKNOWN_MARK in those that are not known, and where the call
    that starts it stands.
    """

    words: list[str]
    complete: bool
    """Whether there are no further words than these."""
    place: Place


def may_start_commands(text: str) -> bool:
    """Whether a Python text may start a command: a cheap look."""
    return _TRIGGER.search(text) is not None


def read_started_commands(module: ParsedModule) -> Iterator[StartedCommand]:
    """The commands that a module starts."""
    folder = module.make_folder()
    for call, scope in module.calls:
        package, _, name = (folder.get_dotted_name(call.func, scope) or "").rpartition(".")
        if not package or _STARTS.get(name) != package:
            continue
        place = module.find_place(call.func)
        for words, complete in _read_call(call, name, scope, folder):
            yield StartedCommand(words, complete, place)


def _read_call(
    call: ast.Call, name: str, scope: Scope, folder: Folder
) -> Iterator[tuple[list[str], bool]]:
    """The commands of one call, and whether all of their words are there."""
    if name == "create_subprocess_exec":
        yield _read_words(call.args, scope, folder)
        return
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    given = call.args[0] if call.args else keywords.get("args", keywords.get("cmd"))
    given = _follow(given, scope, folder) if given is not None else None
    if isinstance(given, (ast.List, ast.Tuple)):
        yield _read_words(given.elts, scope, folder)
    elif given is not None:
        text = _read_text(given, scope, folder)
        for command in expand_commands(text) if text is not None else ():
            words = [word.text for word in command.words]
            yield words, not any(word.many for word in command.words)


def _follow(node: ast.expr, scope: Scope, folder: Folder) -> ast.expr:
    """What a variable is given, where that is a list or an f-string, and the text that is split
    into words; any other expression as it is.
    """
    if isinstance(node, ast.Call) and _splits(node, scope, folder):
        node = node.args[0] if node.args else node.func.value  # type: ignore[attr-defined]
    if not isinstance(node, ast.Name):
        return node
    owner = scope.find_owner(node.id)
    bindings = owner.bindings[node.id] if owner is not None else []
    source = bindings[0].source if len(bindings) == 1 else None
    return source if isinstance(source, (ast.List, ast.Tuple, ast.JoinedStr)) else node


def _splits(call: ast.Call, scope: Scope, folder: Folder) -> bool:
    """Whether a call makes words of one text: `text.split()`, `shlex.split(text)`."""
    if folder.get_dotted_name(call.func, scope) == "shlex.split":
        return len(call.args) == 1
    return isinstance(call.func, ast.Attribute) and call.func.attr == "split" and not call.args


def _read_words(nodes: list[ast.expr], scope: Scope, folder: Folder) -> tuple[list[str], bool]:
    words = []
    for node in nodes:
        text = None if isinstance(node, ast.Starred) else _read_text(node, scope, folder)
        words.append(UNKNOWN_MARK if text is None else text.replace(_UNKNOWN, UNKNOWN_MARK))
    return words, not any(isinstance(node, ast.Starred) for node in nodes)


def _read_text(node: ast.expr, scope: Scope, folder: Folder) -> str | None:
    """The text that an expression is, with a shell's variable for what is not known in an f-string;
    None for what is not known as a whole.
    """
    if isinstance(node, ast.JoinedStr):
        return "".join(_read_text(part, scope, folder) or _UNKNOWN for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return None if node.format_spec is not None else _read_text(node.value, scope, folder)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [_read_text(part, scope, folder) for part in (node.left, node.right)]
        return None if None in parts else "".join(part or "" for part in parts)
    value = folder.fold(node, scope).value
    return str(value) if isinstance(value, (str, int, float)) else None
