"""Commands that load a model with LLaMA-Factory and do not train it (`llamafactory-cli export`,
`chat`, `webchat`, `api`), with options or with a file that these do not take.

They set no LoRA up, so that no Setting comes of them. Read in LLaMA-Factory 0.9.6.dev0
src/llamafactory/cli.py (main), hparams/parser.py (get_infer_args).
"""

from __future__ import annotations

from itertools import pairwise

from loracheck.documents.shell.script import expand_commands
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .core.option_values import read_options
from .core.refusal import Refusal, is_given, started_by
from .core.refusal_conflicts import Conflict, Keys, find_conflicts
from .core.registry import load_key_maps
from .core.stopping_keys import KeyParser, find_stopping_keys
from .llamafactory_merge import load_named_file
from .refusals.llamafactory import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.documents.model import Document, Span
    from loracheck.documents.shell.commands import Command
    from loracheck.documents.shell.document import ShellDocument
    from loracheck.documents.shell.word_expansion import Word

_LOADS = started_by("export", "chat", "webchat", "api", "export_model")
_INFER_PARSER = "hparams/parser.py:150 (_parse_args), :669 (get_infer_args)"

_TRAINS_ALONE = (
    "do_train|do_eval|do_predict|predict_with_generate|output_dir|overwrite_output_dir|"
    "learning_rate|num_train_epochs|max_steps|per_device_train_batch_size|"
    "per_device_eval_batch_size|gradient_accumulation_steps|lr_scheduler_type|warmup_ratio|"
    "warmup_steps|logging_steps|save_steps|eval_strategy|evaluation_strategy|eval_steps|bf16|fp16|"
    "ddp_timeout|deepspeed|optim|report_to"
)
"""Keys of TrainingArguments alone, which loading a model does not take."""

INFERENCE = (
    Refusal(
        (_LOADS, is_given(_TRAINS_ALONE)),
        "Some specified arguments are not used by the HfArgumentParser",
        "take the keys of the training out: model_name_or_path, adapter_name_or_path, template and "
        "finetuning_type are enough, and export_dir for export",
        _INFER_PARSER,
    ),
    Refusal(
        (_LOADS, is_given("checkpoint_dir")),
        "Some specified arguments are not used by the HfArgumentParser",
        "write adapter_name_or_path",
        _INFER_PARSER,
        note="releases of 2023 have the key",
    ),
)
"""What is refused where a model is loaded and not trained."""

NAME = "llamafactory"
"""The tool's name."""

PARSER = KeyParser(
    NAME,
    "llamafactory",
    "Some specified arguments are not used by the HfArgumentParser",
    _INFER_PARSER,
)
"""What reads the options of these commands."""

_FILE_PARSER = PARSER._replace(says="Some keys are not used by the HfArgumentParser")
"""The same of a file, where transformers speaks (hf_argparser.py, parse_dict)."""

_LOADING = {"model_name_or_path", "adapter_name_or_path", "template"}
"""What such a file has for certain."""

_PROGRAMS = frozenset({"llamafactory-cli", "lmf"})
_RUNS = frozenset({"export", "chat", "webchat", "api"})


class RefusedFile(NamedTuple):
    """A file that a command names, with what the command refuses of it."""

    name: str
    run: str
    """`chat`, `export` and the like."""
    conflict: Conflict
    at: Span
    """Where the command names the file."""


def find_refused_options(document: Document) -> Iterator[Conflict]:
    """What the commands of a script refuse of their own options."""
    commands: list[Command] = getattr(document, "commands", [])
    for number, command in enumerate(commands):
        run, _ = _find_run(command.words)
        options = document.roots[number]
        if not run or not isinstance(options, dict) or "model_name_or_path" not in options:
            continue
        top = read_options(options, load_key_maps(NAME))
        keys = Keys(top, (number,), command.complete, form="shell", program=run)
        yield from find_conflicts((*INFERENCE, *REFUSALS), keys)
        yield from find_stopping_keys(options, (number,), PARSER, document)


def find_stopping_file_keys(document: Document) -> Iterator[Conflict]:
    """The keys at which the parser stops in a file that loads a model with adapters and trains
    nothing, so that no Setting comes of it.
    """
    if document.format not in ("yaml", "json"):
        return
    for number, top in enumerate(document.roots):
        if isinstance(top, dict) and top.keys() >= _LOADING and "stage" not in top:
            yield from find_stopping_keys(top, (number,), _FILE_PARSER, document)


def find_refused_files(document: Document) -> Iterator[RefusedFile]:
    """The files beside a script, given to such a command, that have keys of a training."""
    script: ShellDocument = document  # type: ignore[assignment]
    for command in expand_commands(document.text):
        run, at = _find_run(command.words)
        if not run or len(command.words) != at + 1:
            continue
        word = command.words[at]
        top = load_named_file(document.path, word.value)
        if top is None:
            continue
        for conflict in find_conflicts(INFERENCE, Keys(top, (0,), program=run)):
            yield RefusedFile(word.text, run, conflict, script.lines.span(word.start, word.end))


def _find_run(words: Sequence[Word]) -> tuple[str, int]:
    """What a command runs, and the place of its first argument; empty for any other command."""
    texts = [word.text.rpartition("/")[2] for word in words]
    for at, (program, run) in enumerate(pairwise(texts)):
        if program in _PROGRAMS and run in _RUNS:
            return run, at + 2
        if run == "export_model.py" and program.startswith("python"):
            return "export_model", at + 2
    return "", 0
