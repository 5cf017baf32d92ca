"""Commands that merge, quantise or serve with ms-swift and do not train (`swift export`, `infer`,
`deploy`, `merge-lora`).

They set no LoRA up, so that no Setting comes of them. Read in ms-swift 4.6.0
swift/arguments/export_args.py and swift/pipelines/export/merge_lora.py.
"""

from __future__ import annotations

from itertools import pairwise

from loracheck.type_checking import TYPE_CHECKING

from .core.option_values import read_options
from .core.refusal import (
    Refusal,
    entry_matches,
    equals,
    is_absent,
    is_given,
    is_turned_on,
    matches,
    started_by,
    unless,
)
from .core.refusal_conflicts import Keys, find_conflicts
from .core.registry import load_key_maps
from .core.stopping_keys import KeyParser, find_stopping_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.documents.model import Document
    from loracheck.documents.shell.commands import Command
    from loracheck.documents.shell.word_expansion import Word

    from .core.refusal_conflicts import Conflict

NAME = "ms-swift"
"""The tool's name."""

_EXPORT = started_by("export")
_ARGUMENTS = "swift/arguments/export_args.py:{} (ExportArguments.__post_init__)"
_PARSER = "swift/pipelines/base.py:40 (SwiftPipeline._parse_args)"
_MERGES = is_turned_on("merge_lora")
_OLD_WORDS = (
    "ms-swift 2 and 3 swift/llm/export/merge_lora.py: a quantized model does not support merge-lora"
)
_OLD = "ms-swift 2 and the first releases of 3 have the key"

REFUSALS = (
    Refusal(
        (
            _MERGES,
            is_absent("adapters"),
            unless("ckpt_dir"),
            unless("to_hf|to_mcore|mcore_adapter|mcore_adapters"),
        ),
        "there is no adapter to merge, and the run stops where it would save",
        "give the adapter's folder as adapters; model is the model that it was trained on",
        "swift/pipelines/export/merge_lora.py:27 (merge_lora)",
        effect="drops",
    ),
    *(
        Refusal(
            (_MERGES, matches(key, pattern)),
            says,
            "name the checkpoint in 16 bits that the quantised one was made of as model, and "
            "quantise what the merge saved",
            f"PEFT 0.21.2 tuners/lora/{where}; {_OLD_WORDS}",
        )
        for key in ("model", "model_type", "model_id_or_path")
        for pattern, says, where in (
            (
                r"(?i)-(?:gptq(?:-int[48])?|int[48])/?$",
                "Cannot merge LORA layers when the model is gptq quantized",
                "model.py (_check_merge_allowed)",
            ),
            (r"(?i)-awq(?:-int4)?/?$", "NotImplementedError", "awq.py (AwqLoraLinear)"),
        )
    ),
    Refusal(
        (_EXPORT, _MERGES, is_turned_on("to_hf|to_mcore")),
        "`swift export --to_mcore/to_hf` does not support the `--merge_lora` parameter.",
        "merge with a command of its own, without to_hf and to_mcore, or use megatron export",
        _ARGUMENTS.format(136),
        effect="drops",
    ),
    Refusal(
        (_EXPORT, is_given("quant_bits"), is_absent("quant_method")),
        "Please specify the quantization method using `--quant_method awq/gptq/bnb`.",
        "write quant_method: awq, gptq or bnb",
        _ARGUMENTS.format(128),
    ),
    Refusal(
        (_EXPORT, equals("quant_method", "awq", "gptq", "gptq_v2", "bnb"), is_absent("quant_bits")),
        "Please specify `--quant_bits`.",
        "write quant_bits: 4",
        _ARGUMENTS.format(130),
    ),
    Refusal(
        (
            _EXPORT,
            equals("quant_method", "awq", "gptq"),
            is_given("quant_bits"),
            is_absent("dataset"),
            unless("load_data_args"),
            unless("load_dataset_config"),
        ),
        "Please input the quant dataset.",
        "write dataset: some texts of the kind that the model is to answer",
        _ARGUMENTS.format(148),
    ),
    *(
        Refusal(
            (equals(key, True),),
            "expected one argument",
            f"write the value behind --{key}, or take it out",
            _PARSER,
        )
        for key in ("infer_backend", "model", "model_type", "template", "ckpt_dir", "output_dir")
    ),
    Refusal(
        (is_given("ckpt_dir"),),
        "newer releases stop at this key (remaining_argv)",
        "for those give the adapter's folder as adapters, a model trained in full as model",
        _PARSER,
        effect="unread",
        note=_OLD,
    ),
    Refusal(
        (is_given("model_id_or_path"),),
        "newer releases stop at this key (remaining_argv)",
        "for those write model",
        _PARSER,
        effect="unread",
        note="ms-swift 2 has the key",
    ),
    Refusal(
        (entry_matches("adapters", r",$"),),
        "the comma belongs to the folder's name, and there is no such folder",
        "put blanks alone between the folders of --adapters",
        "swift/arguments/base_args/base_args.py:132 (_init_adapters)",
    ),
    Refusal(
        (is_given("load_dataset_config"),),
        "newer releases stop at this key (remaining_argv)",
        "for those write load_data_args",
        _PARSER,
        effect="unread",
        note=_OLD,
    ),
    Refusal(
        (_EXPORT, is_given("quant_method"), _MERGES),
        "so it is before 4.6, where the model is merged and no more, or the run stops",
        "for older releases merge with a command of its own, and quantise what it saved",
        "modelscope/ms-swift pull request 9830",
        effect="unread",
    ),
)
"""What is refused where a model is loaded and not trained."""

_KEYS = KeyParser("ms_swift", "ms-swift", "remaining_argv", _PARSER)
"""What reads the options."""

_TOLD = ("ckpt_dir", "load_dataset_config")
"""Keys that are told for every release."""

_OWN = frozenset(
    ("adapters", "model", "ckpt_dir", "model_type", "model_id_or_path", "merge_lora", "mcore_model")
)
"""Options of which a command of ms-swift's has one; other programs are called swift too."""

_RUNS = frozenset({"export", "infer", "deploy", "merge-lora", "merge_lora"})


def find_refused_options(document: Document) -> Iterator[Conflict]:
    """What the commands of a script refuse of their own options."""
    commands: list[Command] = getattr(document, "commands", [])
    for number, command in enumerate(commands):
        run = _find_run(command.words)
        options = document.roots[number]
        if not run or not isinstance(options, dict) or not _OWN & options.keys():
            continue
        top = read_options(options, load_key_maps(NAME))
        keys = Keys(top, (number,), command.complete, form="shell", program=run)
        yield from find_conflicts(REFUSALS, keys)
        told = {key: value for key, value in options.items() if key not in _TOLD}
        yield from find_stopping_keys(told, (number,), _KEYS, document)


def _find_run(words: Sequence[Word]) -> str:
    """What a command runs; empty for one that is not ms-swift's, or trains."""
    texts = [word.text.rpartition("/")[2] for word in words]
    for program, run in pairwise(texts):
        if program == "swift" and run in _RUNS:
            return run
    return ""
