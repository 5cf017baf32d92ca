"""`Tool`: all that is known of a fine-tuning tool, as data. Its module makes one, `TOOL`."""

from __future__ import annotations

from types import MappingProxyType

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from .key import Key

    Parser = Literal["argparse", "click", "jsonargparse", "omegaconf", "literals"]
    """What reads the words of a command line. "omegaconf" stands for hydra too (`key=[a,b]` is a
    list), "literals" for a parser of the tool's own that reads each word as a Python literal.
    """
else:
    Parser = str


class Program(NamedTuple):
    """A program of the tool's: a console script, or a Python file or module. All patterns are
    regular expressions for the whole name.
    """

    script: str = ""
    """The console script."""

    subcommands: tuple[str, ...] = ()
    """Words of which one follows the script; where there are none, any word may. With another one
    it sets no LoRA up.
    """

    module: str = ""
    """The dotted path of the file or module, or its end: `train_network` is
    sd-scripts/train_network.py and `python -m train_network` too.
    """

    sets_lora: bool = True
    """False for a script none of whose subcommands takes LoRA options."""

    own_lora: str | None = None
    """As `Tool.own_lora`, where it holds for this program alone."""


class Switch(NamedTuple):
    """The key without which the tool trains no LoRA."""

    path: tuple[str, ...]
    """The keys that lead to it from the top of the file."""

    value: str = "true"
    """What turns LoRA on."""

    often_in_command: bool = False
    """It often stands on the command line beside a file without it."""


class InitFile(NamedTuple):
    """The file that `loracheck init` writes in the tool's words, by its module's `write`."""

    file: str
    """A name for it."""

    title: str | None = None
    """What it is called where people choose; the tool's title where it is None."""

    no_dropout: str | None = None
    """Why a first config should have no dropout, where the tool has a reason."""

    diffusion: bool = False
    """Whether the tool trains diffusion models, and nothing else."""


class Summary(NamedTuple):
    """A row of the table in docs/dialects.md, in Markdown."""

    files: str
    """Its files: YAML, .sh, ..."""

    known_by: str
    """What tells them from others."""

    does: str = ""
    """What the tool does by itself: its defaults, and what it expands."""

    unknown: str | None = None
    """What it does with a key that it does not know, where `Tool.unknown` does not say it."""


class Tool(NamedTuple):
    """One tool, as far as one form of its file goes. What another form or release has is a second
    one, in `MORE` of the same module.
    """

    name: str
    """The tool's name in reports (`dialect`), and with `_` for `-` its module's."""

    title: str
    """The name for people, with the form of the file in brackets."""

    source: str
    """The release and the files of the tool that this was read in."""

    library: str | None = None
    """The name of its Python library, where the title names another program."""

    # The keys of the file

    summary: Summary | None = None
    """Its row in the documentation's table."""

    keys: tuple[Key, ...] = ()
    """Its keys about LoRA, in the order in which the tool has them."""

    block: tuple[str, ...] = ()
    """The keys that lead from the top of the file to the mapping that `keys` stand in."""

    inside: tuple[str, ...] = ()
    """What `block` begins in, where that is not the top; `[]` stands for the entries of a list."""

    blocks: tuple[tuple[str, ...], ...] = ()
    """Other places for the same mapping."""

    strict: bool = False
    """Nothing but `keys` may stand in the block."""

    shared: bool = False
    """The block may hold another method's keys in the place of LoRA's."""

    only_lora: bool = False
    """All that stands in the block is LoRA's, so that a short name (`rank`, `dropout`) that is none
    of `keys` is meant as one; true of every block that is `strict`.
    """

    unknown: Literal["raises", "drops"] = "raises"
    """What the tool does with a key that it does not know."""

    tells_unknown: bool = False
    """It prints a line about a key that it drops."""

    near: frozenset[str] = frozenset()
    """Keys of the tool's that lie near a LoRA key without being one."""

    prefix: str | None = None
    """Every key of the tool's that begins so stands in `keys` or `near`."""

    sections: bool = False
    """Keys may stand in sections, whose names do not matter."""

    searched: bool = False
    """A LoRA key counts in the block alone: one that stands elsewhere in the file is lost."""

    renamed: Mapping[str, str] = MappingProxyType({})
    """For the keys of an older release: those that the newest refuses, with their names there."""

    switch: Switch | None = None
    """The key without which the tool trains no LoRA, where it has one."""

    # How values are read

    parser: Parser = "argparse"
    """What reads the words of its command line."""

    lenient: bool = False
    """The tool turns "8" into 8 and "true" into true where a file quotes them."""

    file_is_command: bool = False
    """The tool makes a command line of its file, so that `Key.nargs` holds there too."""

    tells_quantization: bool = False
    """The file says all about how the base model is quantised, so that nothing said is none."""

    skips_null: bool = False
    """A key without a value is as good as none; other tools hand null on, or refuse it, where a
    number must stand.
    """

    # How its files, commands and calls are told from others

    signatures: tuple[str, ...] = ()
    """What the top of its file has, as `detection.py` reads it; one of them is enough. None for a
    tool without a file of its own.
    """

    words: tuple[str, ...] = ()
    """Words of which one stands in a file of the tool's that sets LoRA up and says neither `lora`
    nor `peft` anywhere: its other files are not even parsed.
    """

    priority: int = 0
    """Of tools whose signatures fit the same file the one with the highest number has it."""

    programs: tuple[Program, ...] = ()
    """The programs that train with it; the first that fits counts."""

    package: str | None = None
    """Its Python package: modules of it that are none of `programs` set no LoRA up."""

    distribution: str | None = None
    """Its package as projects pin it, where it is known which of its releases have which keys."""

    told_by_options: Literal["never", "signature", "every"] = "never"
    """Whether the options of an unknown program tell the tool: never; by its signatures; or by
    those, `switch` among them, where every option about LoRA is one of `keys`.
    """

    recipes: bool = False
    """Its programs take a configuration file under any name, which the options override."""

    calls: tuple[str, ...] = ()
    """Regular expressions for the names of Python calls that its module's `read_call` reads; a lazy
    call, `dict(type=X, ...)`, has the name "dict(type=X)".
    """

    loaders: tuple[str, ...] = ()
    """Regular expressions for the names of its classes whose `from_pretrained` loads a model; its
    module's `read_load(setting, arguments)` takes from the call what only this tool has.
    """

    model_packages: tuple[str, ...] = ()
    """Python packages of its whose model classes have the module names of transformers."""

    # What the tool does, for rules and reports

    own_lora: str | None = None
    """For a tool with LoRA layers of its own, of which only the values are judged: a sentence that
    says so.
    """

    traps: tuple[str, ...] = ()
    """The rules of one tool's traps (by name) that speak of its files."""

    all_linear: str | None = None
    """How its file says every linear layer, where that is not the string "all-linear"."""

    wildcards: bool = False
    """Its targets are patterns for whole names with `*` in them; `Behaviour.parts` has them."""

    trained_head: str | None = None
    """The module of a new head that the tool trains by itself."""

    four_bits: str | None = None
    """How its file says that the base model is loaded in 4 bits."""

    global_batch: tuple[str, ...] = ()
    """Keys for the batch that count the samples of a step on all GPUs together, where others count
    those on one.
    """

    training_arguments: bool = False
    """Values of its file go to transformers' TrainingArguments as they are."""

    writes: InitFile | None = None
    """The file that can be written in its words."""

    adapter_format: str | None = None
    """The format of the adapter that it saves, where that is not PEFT's (a trait of `engines/`)."""

    def key(self, name: str) -> Key | None:
        """The key of that name."""
        return next((key for key in self.keys if key.name == name), None)
