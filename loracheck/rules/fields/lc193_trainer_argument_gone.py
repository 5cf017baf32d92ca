"""An argument that a trainer, or its config, does not take any more.

## What
A trainer or config of TRL, or transformers' `TrainingArguments` and `Trainer`, is given an argument
that releases up to some point took: `SFTTrainer(tokenizer=..., max_seq_length=...)`,
`DPOTrainer(beta=...)`, `SFTConfig(max_seq_length=...)`,
`TrainingArguments(evaluation_strategy=...)`.

## Why
The call ends with TypeError, "got an unexpected keyword argument", once the model is loaded. Most
of these arguments belong to the trainer's config now, or have another name. It is an error where an
exact pin (the notebook's own `pip install trl==1.16.0`, or the project's) or the command line says
that a newer release runs, or where no release took it (nothing but the model and its rewards goes
to GRPOTrainer itself), a warning where the notebook's `pip install` names none, and a note where a
newer release is only allowed.
Seen in huggingface/trl issue 6168, HandsOnLLM/Hands-On-Large-Language-Models issue 32,
tulerfeng/Video-R1 issue 14, aws-samples/aws-ai-ml-workshop-kr issue 151 and huggingface/trl issue
3132.

## Bad
```python
# pip install -U trl
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer
trainer = SFTTrainer(
    model="Qwen/Qwen2.5-7B",
    args=SFTConfig(output_dir="out", max_seq_length=512),
    train_dataset=data,
    tokenizer=tokenizer,
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"),
)
```

## Good
```python
# pip install -U trl
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer
trainer = SFTTrainer(
    model="Qwen/Qwen2.5-7B",
    args=SFTConfig(output_dir="out", max_length=512),
    train_dataset=data,
    processing_class=tokenizer,
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"),
)
```

## Fix
Write what the finding names, or pin the release that the script was written for.

## Source
The signatures of TRL from 0.4.2 to 1.16.0 and of transformers from 4.45.2 to 5.24.0, compared and
called. Unsloth's trainers take the old arguments: nothing is said of a file that uses it.
"""

from __future__ import annotations

from loracheck.releases.installed_version import find_installed_version
from loracheck.releases.pin_checks import is_pinned_within
from loracheck.releases.pins.own import find_pins
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.support.script_releases import installs, is_older, is_projects_release
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.findings import Severity
    from loracheck.releases.choose import Choice
    from loracheck.rules.context import RuleContext
    from loracheck.rules.support.trainer_arguments import Gone

CODE = "LC193"
NAME = "trainer-argument-gone"
SEVERITY = "error"

_PATCHED = ("FastLanguageModel", "FastVisionModel", "FastModel")
"""Words of a file whose trainers are not TRL's own any more."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if not context.first:
        return
    yield from check_bare(context.document)
    releases = context.releases
    if releases is not None and releases.transformers.certain:
        yield from _check_all_transformers(context.document, releases.transformers)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call of TRL with arguments that it does not take any more."""
    script = _read_script(document)
    if script is None:
        return
    from loracheck.rules.support.trainer_arguments import TRL

    for use in script.uses:
        if use.name.startswith("trl.") and use.last in TRL and not use.fails:
            yield from _check_trl(document, use, TRL[use.last])


def _read_script(document: Document) -> Script | None:
    """The calls of a file whose trainers are the libraries' own: Unsloth's take the old arguments
    too.
    """
    patched = any(word in document.source for word in _PATCHED)
    return None if patched else read_calls(document, "eft")


def _check_all_transformers(document: Document, release: Choice) -> Iterator[Hit]:
    """One hit for every call with arguments that this release of transformers does not take."""
    script = _read_script(document)
    if script is None:
        return
    from loracheck.rules.support.trainer_arguments import TRANSFORMERS, TRL

    for use in script.uses:
        package = use.name.partition(".")[0]
        if package == "trl" and use.last in TRL and use.last.endswith("Config"):
            known = TRANSFORMERS["TrainingArguments"]
        else:
            known = TRANSFORMERS.get(use.last, {}) if package == "transformers" else {}
        if known and not use.fails:
            yield from _check_transformers(document, use, known, release)


def _check_trl(document: Document, use: Use, known: dict[str, Gone]) -> Iterator[Hit]:
    """One hit for a call of TRL with arguments that it does not take any more."""
    gone = {
        name: one
        for name, one in known.items()
        if name in use.arguments and _may_run(document, one.since)
    }
    if gone:
        since = max((one.since for one in gone.values()), key=_split)
        from loracheck.rules.support.trainer_arguments import FIRST_RELEASES

        never = FIRST_RELEASES.get(use.last) == since
        severity = None if never else _judge_release(document, since)
        yield _build_hit(document, use, gone, f"TRL since {since}", (), severity)


def _check_transformers(
    document: Document, use: Use, known: dict[str, Gone], release: Choice
) -> Iterator[Hit]:
    """One hit for a call with arguments that this release of transformers does not take."""
    gone = {
        name: one
        for name, one in known.items()
        if name in use.arguments and not _is_below(release.version, one.since)
    }
    if gone:
        notes = (f"transformers is {release.reason}",)
        since = max((one.since for one in gone.values()), key=_split)
        severity: Severity | None = "note"
        if is_projects_release(document, release, since):
            severity = None
        yield _build_hit(document, use, gone, f"transformers {release.version}", notes, severity)


def _build_hit(
    document: Document,
    use: Use,
    gone: dict[str, Gone],
    release: str,
    notes: tuple[str, ...],
    severity: Severity | None,
) -> Hit:
    return Hit(
        f"`{use.last}` of {release} takes no {quote_names(list(gone))}: TypeError",
        get_call_span(document, use),
        help="write " + ", ".join(one.mend for one in gone.values()),
        notes=notes,
        severity=severity,
    )


def _may_run(document: Document, since: str) -> bool:
    """Whether a release of TRL from `since` on may run the file."""
    from loracheck.rules.support.trainer_arguments import TRANSFORMERS_OF_TRL

    if is_older(document, "trl", since):
        return False
    # An older transformers keeps an older TRL beside it.
    if is_older(document, "transformers", TRANSFORMERS_OF_TRL[since]):
        return False
    installed = find_installed_version("trl")
    return installed is None or not _is_below(installed, since) or _is_named(document)


def _judge_release(document: Document, since: str) -> Severity | None:
    """How sure it is that a release of TRL from `since` on runs: None for certain."""
    if is_pinned_within("trl", document, f">={since}"):
        return None
    return "warning" if installs(document, "trl") else "note"


def _is_named(document: Document) -> bool:
    """Whether the file, or the project's requirements, name TRL."""
    return bool(find_pins("trl", document))


def _is_below(version: str, since: str) -> bool:
    return _split(version) < _split(since)


def _split(version: str) -> tuple[int, ...]:
    """A release's number for comparing: "4.57.6.dev0" as (4, 57, 6)."""
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
