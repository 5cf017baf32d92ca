"""Command lines in shell scripts: whose each one is, and the Setting that it makes.

The options of a command are a tool's file with other brackets, so the tool's own dialect reads
them; its key map says what the parser behind an option makes of a word. A command that takes a
configuration file beside options only overrides what stands there: then only the values that are
given can be judged. The same holds for scripts of one's own, which read options as they like.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.config.field_table import fields as facts
from loracheck.documents.model import Unknown

from .conversion import parse_scalar
from .lookup import get_block
from .lora_evidence import SWITCHES
from .registry import key_maps, whose
from .standalone_options import SCRIPT, partial
from .tool import Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path, Span
    from loracheck.documents.shell.document import Command
    from loracheck.documents.shell.word_expansion import Word

    from .setting import Setting

NAME = "command-lines"


class Program(NamedTuple):
    """A program by its words, as `_names` gives them: a console script with its subcommand, or the
    dotted path of a Python file or module. `dialect` is None for one that sets no LoRA up; `own` as
    in Setting.own_lora.
    """

    words: str
    dialect: str | None
    own: str | None = None


_MEGATRON = "Megatron-SWIFT wraps Megatron's modules; only the values were checked"
_REWARD = "OpenRLHF gives a reward model a class of its own; only the values were checked"

PROGRAMS = (
    Program(
        r"swift (?:sft|pt|rlhf|dpo|orpo|simpo)|(?:.*\.)?swift\.cli\.(?:sft|pt|rlhf) .*", "ms-swift"
    ),
    Program(
        r"megatron (?:sft|pt|rlhf)|(?:.*\.)?swift\.cli\._megatron\.\w+ .*", "ms-swift", _MEGATRON
    ),
    Program(r"(?:llamafactory-cli|lmf) train", "llamafactory"),
    Program(r"trl (?:sft|dpo|grpo|kto|reward|rloo|ppo|orpo|cpo)", "trl"),
    Program(r"(?:.*\.)?trl\.(?:scripts|experimental)\.[\w.]+ .*", "trl"),
    Program(r"axolotl train|(?:.*\.)?axolotl\.cli\.train .*", "axolotl"),
    Program(r"tune run", "torchtune"),
    Program(r"oumi (?:train|distributed)|(?:.*\.)?oumi\.train .*", "oumi"),
    Program(r"(?:.*\.)?openrlhf\.cli\.train_rm .*", "openrlhf", _REWARD),
    Program(r"(?:.*\.)?openrlhf\.cli\.train_\w+ .*", "openrlhf"),
    Program(r"(?:.*\.)?verl\.trainer\.[\w.]+ .*", "verl"),
    Program(r"mlx_lm\.lora .*|mlx_lm lora", "mlx-lm"),
    Program(r"litgpt finetune(?:_lora)?|(?:.*\.)?finetune\.lora .*", "litgpt"),
    Program(r"automodel .*|(?:.*\.)?nemo_automodel\.[\w.]+ .*", "nemo-automodel"),
    Program(r"(?:.*\.)?(?:\w+_)?train_network .*", "kohya"),
    Program(
        r"(?:.*\.)?train_(?:dreambooth|text_to_image|cogvideox|cosmos|control|lcm_distill|instruct)"
        r"\w*lora\w* .*",
        "diffusers",
    ),
    Program(r"(?:.*\.)?run_recipe .*", "megatron-bridge"),
    Program(r"(?:swift|megatron|llamafactory-cli|lmf|trl|axolotl|tune|oumi|autotrain) .*", None),
    Program(r"(?:vllm|sglang) .*", None),
    Program(r"(?:vllm|sglang|lm_eval|openrlhf|swift|llamafactory)\.[\w.]+ .*", None),
)
"""First match wins."""

_BY_KEYS = frozenset(
    {"ms-swift", "llamafactory", "verl", "torchtune", "litgpt", "kohya", "simpletuner", "trl"}
    | {"nemo-automodel"}
)
"""Tools whose options tell them from others, whatever the script is called."""

_OVERRIDDEN = frozenset({"nemo-automodel"})
"""Those of them whose recipes take a configuration file, which the options override."""

_LISTS = frozenset({"trl", "ms-swift"})
"""Tools whose parser makes a list of the words after a key, of one word too (HfArgumentParser)."""

_HYDRA = frozenset({"verl", "oumi", "torchtune", "megatron-bridge"})
"""Tools whose options are Hydra's or OmegaConf's: `key=[a,b]` is a list."""

_CONFIG = re.compile(r"[^=]*\.(?:ya?ml|json|toml)")
_CONFIG_OPTIONS = frozenset(
    {"__config", "__config_file", "__config_path", "__config_name", "__args_file", "_c", "_cn"}
)
_WORDS = {"yes": True, "t": True, "y": True, "1": True, "no": False, "f": False, "n": False}
_WORDS["0"] = False
OVERRIDES = "the rest stands in a configuration file; only the values given here were checked"


class _One:
    """A document of which one root is left: the dialects go through all of them."""

    def __init__(self, document: Document, number: int, root: Any) -> None:
        self.path = document.path
        self.text = document.text
        self.format = document.format
        self.problems = document.problems
        self.roots = [root if i == number else None for i in range(len(document.roots))]
        self._document = document

    def span(self, path: Path, *, key: bool = False) -> Span:
        return self._document.span(path, key=key)


def read(document: Document) -> list[Setting]:
    """The settings of all commands, and of the files that the script writes, in their order."""
    commands: list[Command] = getattr(document, "commands", [])
    found: list[Setting] = []
    for number, command in enumerate(commands):
        found += _settings(document, number, command)
    return found


def _settings(document: Document, number: int, command: Command) -> Iterator[Setting]:
    root = document.roots[number]
    program, at = _program(command)
    name = program.dialect if program else _by_keys(root)
    if name is None:
        if program is None and _sets_lora(root):
            yield _partial(SCRIPT, document, (number,), root)
        return
    module = import_module(f"loracheck.tools.{name.replace('-', '_')}")
    tool: Tool = module.TOOL
    inner = get_block(root, *tool.block)
    _convert(inner, tool)
    if (program or name in _OVERRIDDEN) and _takes_file(command.words[at + 1 :]):
        yield from _overrides(document, number, root, key_maps(name))
        return
    for setting in module.read(_One(document, number, root)):
        setting.document = document
        if program and program.own:
            setting.own_lora = program.own
        if not command.complete:
            _forget(setting)
        yield setting


def _overrides(
    document: Document, number: int, root: dict[Any, Any], tools: tuple[Tool, ...]
) -> Iterator[Setting]:
    """The values of the first of a tool's blocks that has some, where a file holds the rest."""
    for tool in tools:
        inner = get_block(root, *tool.block)
        given = {key.field: inner[key.name] for key in tool.keys if key.name in inner and key.field}
        # A rank of 0 is how verl says no LoRA.
        if given and given.get("r", 1) not in (0, "0"):
            setting = _partial(tool, document, (number, *tool.block), inner)
            setting.own_lora = OVERRIDES
            yield setting
            return


def _program(command: Command) -> tuple[Program | None, int]:
    """The program that the options are for, and the place of its word."""
    for at, words in _names(command):
        for program in PROGRAMS:
            if re.fullmatch(program.words, words):
                return program, at
    return None, 0


def _by_keys(root: dict[Any, Any]) -> str | None:
    """The dialect that the options alone tell."""
    name = whose(root)
    if name == "trl" and not _all_trl(root):
        return None
    return name if name in _BY_KEYS else None


def _names(command: Command) -> Iterator[tuple[int, str]]:
    """What may be the program, with its place among the words: paths as dotted names."""
    words = [word.text.rpartition("\0")[2] for word in command.words]
    for at, word in enumerate(words):
        if not word or word.startswith("-") or "=" in word:
            continue
        after = words[at + 1] if at + 1 < len(words) else ""
        if word.endswith(".py"):
            yield at, f"{word[:-3].replace('/', '.').lstrip('.')} {after}"
        elif at == 0 or not words[at - 1].startswith("--") or words[at - 1] == "--module":
            yield at, f"{word.rpartition('/')[2]} {after}"


def _all_trl(root: dict[Any, Any]) -> bool:
    """Whether a script of one's own has TRL's options and none of its own about LoRA."""
    from loracheck.tools.trl import TOOL

    ours = [key for key in root if "lora" in key or "peft" in key or "4bit" in key or "8bit" in key]
    return "use_peft" in root and all(TOOL.key(key) for key in ours)


def _takes_file(words: list[Word]) -> bool:
    """Whether a configuration file is among the arguments of a program."""
    options = [i for i, word in enumerate(words) if word.text.startswith("--")]
    # A file that is the value of some other option is no configuration of LoRA.
    free = words[: options[0]] if options else words
    return any(_CONFIG.fullmatch(word.text) for word in free) or any(
        word.text.partition("=")[0].replace("-", "_") in _CONFIG_OPTIONS for word in words
    )


def _sets_lora(root: dict[Any, Any]) -> bool:
    """Whether a script of one's own is given a rank above 0 and something more about LoRA, which is
    not switched off.
    """
    rank = root.get("lora_r", root.get("lora_rank"))
    switches = [parse_scalar(root[key]) for key in SWITCHES if key in root]
    if rank is None or rank == 0 or any(switch in (False, 0) for switch in switches):
        return False
    more = ("lora_alpha", "lora_dropout", "lora_target_modules")
    return bool(switches) or any(key in root for key in more)


def _partial(tool: Tool, document: Document, path: Path, mapping: dict[Any, Any]) -> Setting:
    """The Setting of options that stand alone."""
    _convert(mapping, tool)
    return partial(tool, document, path, mapping)


def _forget(setting: Setting) -> None:
    """Take back what the tool fills in: an unknown `$ARGS` may say otherwise."""
    setting.complete = False
    for field in list(setting.fields):
        if field not in setting.places and field != "task_type":
            if field == "target_modules":
                setting.fields[field] = Unknown("further arguments")
            else:
                del setting.fields[field]


def _convert(mapping: dict[Any, Any], tool: Tool) -> None:
    """Give each option the type that its parser does."""
    for key in tool.keys:
        if key.name in mapping:
            types = key.type or (facts()[key.field].type if key.field else "str")
            value = _converted(mapping[key.name], set(types.split("|")))
            if "list[" in types and isinstance(value, str):
                value = _listed(value, tool.name)
            mapping[key.name] = value


def _listed(value: str, tool: str) -> Any:
    """A single word where the tool takes a list."""
    if tool in _LISTS:
        return [value]
    if tool in _HYDRA and value.startswith("[") and value.endswith("]"):
        return [part.strip().strip("\"'") for part in value[1:-1].split(",") if part.strip()]
    return value


def _converted(value: Any, types: set[str]) -> Any:
    if isinstance(value, list) and types <= {"int", "number", "bool", "str", "null"}:
        value = value[0]  # the words after it are the program's own arguments
    if types & {"bool"} and not types & {"int", "str"} and value not in (True, False):
        return _WORDS.get(str(value).lower(), value)
    if "bool" in types and type(value) is int and "int" not in types:
        return bool(value) if value in (0, 1) else value
    return value
