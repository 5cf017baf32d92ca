"""Shell scripts: the options of each command, as far as the words are literal. Nothing is run.

Each root is one command that has options (options.py says how they are nested); `commands` gives
for each root its words. Values are text: what a word means is for the program that reads it.
`$NAME` is filled in where the script itself gives NAME one literal value, and unknown else. Files
that the script writes by here-documents stand in `embedded`. A text without any of WORDS has no
roots.
"""

from __future__ import annotations

from loracheck.documents.tree_document import Place, Positions, TreeDocument
from loracheck.documents.values import MAX_VALUES
from loracheck.type_checking import TYPE_CHECKING

from .commands import Command
from .options import parse_options
from .script import expand_commands

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.lines import Lines
    from loracheck.documents.model import Span

    from .embedded import EmbeddedFile
    from .word_expansion import Variables

WORDS = (
    *("lora", "peft", "network_module", "load_in_4bit"),
    *("load_in_8bit", "quantization", "quant_bits", "mlx_", "hf_to_gguf"),
    *("adapter_name_or_path", "llamafactory-cli", "swift sft", "swift rlhf", "swift pt"),
    *("swift export", "swift infer", "swift deploy"),
    *("mergekit-yaml", "vllm serve", "sglang.launch_server", "lmdeploy serve"),
    *("hf-to-gguf", "ct2-transformers-converter"),
)
"""One of these stands in a script that sets an adapter up, or lacks one: LyCORIS' modules are given
by `network_module`, a model in few bits is trained by an adapter alone, mlx-lm's programs load one
by `--adapter-path`, ms-swift trains LoRA where no option says otherwise, and a server or a
converter may be given an adapter's folder for a model.
"""

MAX_FILES = 100
"""Most files that are read out of one script."""


class ShellDocument(TreeDocument):
    """A `Document` whose roots are the options of commands."""

    commands: list[Command]
    embedded: list[EmbeddedFile]

    @property
    def script(self) -> str:
        """The text that the commands stand in."""
        return self.text

    def script_span(self, start: int, end: int) -> Span:
        """The place in the file of a part of `script`."""
        return self.lines.span(start, end)


def parse(path: str, text: str) -> ShellDocument:
    """The document of a shell script; it has no faults that would stop the reading."""
    return parse_inner_script(path, text, None)


def parse_inner_script(path: str, text: str, outer: Variables | None) -> ShellDocument:
    """As `parse`. `outer` holds the variables of the script that this one stands in; with it no
    files inside this one are read, as scripts within scripts could go on without end.
    """
    roots: list[Any] = []
    places: list[Place] = []
    commands: list[Command] = []
    inside: list[EmbeddedFile] = []
    low = text.lower()
    for line in expand_commands(text, outer) if any(word in low for word in WORDS) else ():
        root, place, complete = parse_options(line.words)
        if root and len(roots) < MAX_VALUES:
            roots.append(root)
            places.append(place)
            commands.append(Command(line.words, complete))
        full = outer is not None or len(inside) >= MAX_FILES
        if not full and (line.here_documents or len(line.words) > 2):
            from .embedded import find_embedded

            inner = find_embedded(path, text, line, parse_inner_script)
            inside += inner[: MAX_FILES - len(inside)]

    def locate(text: str, lines: Lines) -> Positions:
        return Positions(places, [])

    document = ShellDocument(path, text, "shell", roots, locate)
    document.commands = commands
    document.embedded = inside
    return document
