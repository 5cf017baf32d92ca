"""A command of mlx-lm or mlx-vlm that stops at its adapter, or at an option's older name.

## What
A script, or a notebook's cell, runs `mlx_lm.generate`, `chat`, `server`, `fuse` or `cache_prompt`,
or `mlx_vlm.generate`, `chat`, `server` or `lora`, with an `--adapter-path` that is a file in the
place of its folder, or a folder whose adapter_config.json is PEFT's or missing. Or the command has
an option that has another name now: `--adapter-file`, and `--de-quantize` of `mlx_lm.fuse`.

## Why
The program opens adapter_config.json in the folder and asks it for what its own training has
written there; an option that it does not know is an error too. Seen in ml-explore/mlx-lm issue 1119
and ml-explore/mlx-examples issue 376.

## Bad
```sh
mlx_lm.generate --model mlx-community/Llama-3.2-1B-Instruct-4bit --adapter-path adapters.npz
```

## Good
```sh
mlx_lm.generate --model mlx-community/Llama-3.2-1B-Instruct-4bit --adapter-path adapters
```

## Fix
Give the folder that `mlx_lm.lora` or `mlx_vlm.lora` wrote, and the option's name of today. An
adapter of PEFT's is merged in Python first, and the merged model converted.

## Source
mlx-lm 0.32.0 `mlx_lm/tuner/utils.py` (load_adapters), `mlx_lm/fuse.py` (parse_arguments), and their
history: `--adapter-file` until April 2024, `--de-quantize` until 0.28.4; mlx-vlm 0.6.15
`mlx_vlm/trainer/utils.py` (apply_lora_layers).
"""

from __future__ import annotations

from os.path import basename

from loracheck.documents.shell.commands import find_command_documents
from loracheck.rules.support.mlx_folders import judge_adapter
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.tools.mlx_lm_adapters import MLX_LM, OPTION, PROGRAMS, RENAMED
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.shell.commands import Command, CommandDocument
    from loracheck.documents.shell.word_expansion import Word
    from loracheck.rules.context import RuleContext

CODE = "LC724"
NAME = "mlx-command-refused"
SEVERITY = "error"

_FUSE_ALONE = frozenset({"--de-quantize"})
_STARTS = 8
"""A program stands among so many words of its command."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such option; the first setting of the file speaks."""
    if context.first and context.on_disk:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every option of a script's commands that stops its program."""
    if "mlx_" not in document.source:
        return
    for script in find_command_documents(document):
        for command in script.commands:
            library, program = _find_program(command)
            if program:
                yield from _check_command(document, script, command, library, program)


def _find_program(command: Command) -> tuple[str, str]:
    """The library and the program that a command runs; two empty texts for any other."""
    words = [basename(word.text) for word in command.words[:_STARTS]]
    for library, programs in PROGRAMS.items():
        package = library.replace("-", "_")
        for number, word in enumerate(words):
            following = words[number + 1] if number + 1 < len(words) else ""
            name = following if word == package else word.removeprefix(f"{package}.")
            if name in programs and word != name:
                return library, name
    return "", ""


def _check_command(
    document: Document, script: CommandDocument, command: Command, library: str, program: str
) -> Iterator[Hit]:
    for number, word in enumerate(command.words):
        option, equals, value = word.text.partition("=")
        if library == MLX_LM and option in RENAMED:
            yield from _check_name(document, script, word, program)
        if option != OPTION or not isinstance(word.value, str):
            continue
        after = command.words[number + 1] if number + 1 < len(command.words) else None
        if not equals:
            value = after.value if after is not None and isinstance(after.value, str) else ""
        place = word if equals or after is None else after
        refused = judge_adapter(document, value, library)
        if refused is not None:
            yield Hit(refused.says, script.script_span(place.start, place.end), help=refused.help)


def _check_name(
    document: Document, script: CommandDocument, word: Word, program: str
) -> Iterator[Hit]:
    """One hit for an option under the name that it had in an older release."""
    option = word.text.partition("=")[0]
    name, since = RENAMED[option]
    if (option in _FUSE_ALONE and program != "fuse") or is_older(document, MLX_LM, since):
        return
    yield Hit(
        f"mlx_lm.{program} has no option {option} since {since}: unrecognized arguments",
        script.script_span(word.start, word.start + len(option)),
        help=f"write {name}" + (" and the folder that mlx_lm.lora wrote" if name == OPTION else ""),
    )
