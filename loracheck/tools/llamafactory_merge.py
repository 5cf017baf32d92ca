"""Commands that start LLaMA-Factory's training with a file that only asks for a merge.

`llamafactory-cli train` reads `export_dir` and makes nothing of it; `llamafactory-cli export`
merges (LLaMA-Factory 0.9.6.dev0 src/llamafactory/train/tuner.py, `run_exp` and `export_model`).
"""

from __future__ import annotations

from os.path import dirname, isabs, join, normpath, splitext

from loracheck.documents.formats import parse_as
from loracheck.documents.model import DocumentError
from loracheck.documents.shell.commands import Command
from loracheck.documents.shell.script import expand_commands
from loracheck.documents.source import decode, load
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .core.command_line import find_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Span
    from loracheck.documents.shell.document import ShellDocument
    from loracheck.documents.shell.word_expansion import Word
    from loracheck.documents.values import Table, Value

_PROGRAMS = ("llamafactory", "lmf")
_RUNS = ("do_train", "do_eval", "do_predict", "predict_with_generate", "dataset", "eval_dataset")
"""Keys of a file that has something for `train` to do."""


class MergeByTrain(NamedTuple):
    """A command that trains with the file of a merge."""

    file: str
    """The file, as the command names it."""

    at: Span
    """Where the word `train` stands."""

    says: str
    """What becomes of it."""

    help: str
    """What to write."""

    source: str
    """Where in the tool that was read."""


def find_merges_by_train(document: Document) -> Iterator[MergeByTrain]:
    """The commands of a script with `llamafactory-cli train FILE` and no more, whose file lies
    beside the script, has `export_dir`, and nothing to train, evaluate or predict with.
    """
    if document.format != "shell" or not any(name in document.text for name in _PROGRAMS):
        return
    script: ShellDocument = document  # type: ignore[assignment]
    for command in expand_commands(document.text):
        word = _find_train(command.words)
        if word is not None and _is_merge(document.path, command.words[-1].value):
            span = script.lines.span(word.start, word.end)
            yield _describe(command.words[-1].text, span)


def _describe(file: str, at: Span) -> MergeByTrain:
    return MergeByTrain(
        file,
        at,
        f"`llamafactory-cli train` makes nothing of `export_dir`, and {file} has nothing else to "
        "do: no model is merged",
        f"llamafactory-cli export {file}",
        "LLaMA-Factory: train/tuner.py (run_exp, export_model)",
    )


def _find_train(words: list[Word]) -> Word | None:
    """The word `train` where it is followed by one last word."""
    program = find_program(Command(words, complete=True))
    if program is None or program.tool != "llamafactory" or len(words) != program.at + 3:
        return None
    return words[-2] if words[-2].text == "train" else None


def _is_merge(script: str, name: Value) -> bool:
    """Whether a file that a command names is there, and asks for a merge and nothing else."""
    top = load_named_file(script, name)
    if top is None or not isinstance(top.get("export_dir"), str):
        return False
    return not any(top.get(key) for key in _RUNS)


def load_named_file(script: str, name: Value) -> Table | None:
    """The mapping at the top of a YAML or JSON file that a script names, in the script's folder or
    below it; None where there is none, or it cannot be read.
    """
    if not isinstance(name, str) or isabs(name) or normpath(name).startswith(".."):
        return None
    suffix = splitext(name)[1]
    if suffix not in (".yaml", ".yml", ".json"):
        return None
    path = join(dirname(script), name)
    try:
        roots = parse_as(suffix, path, decode(load(path))).roots
    except (DocumentError, OSError):
        return None
    top = roots[0] if len(roots) == 1 else None
    return top if isinstance(top, dict) else None
