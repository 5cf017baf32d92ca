"""`FileResult`: all that came of linting one file. Reporters see nothing else."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.findings import Finding


class SettingResult(NamedTuple):
    """One LoRA setting of a file as the report shows it; None where a figure is not known."""

    path: str
    """The file's path as the report shows it."""

    line: int | None
    """The line where the setting begins, from 1; None where lines were not asked for."""

    dialect: str
    """Name of the tool whose file it is."""

    model: str | None
    """The base model as the file names it."""

    model_type: str | None
    """`model_type` of the model's config.json."""

    tree_source: str | None
    """Where the module tree came from."""

    transformers: str | None
    """The transformers version that built the tree."""

    judged: bool
    """Whether the setting was held against a module tree."""

    targeted_modules: int | None
    """Modules that LoRA wraps."""

    trainable_parameters: int | None
    """Parameters that train."""

    total_parameters: int | None
    """All parameters of the model with its adapter."""

    transformers_from: str | None = None
    """Why it is this transformers release: "asked for", "pinned by requirements.txt:3",
    "installed", "newest known"; None where no model was looked for.
    """

    peft: str | None = None
    """The PEFT release that judged."""

    peft_from: str | None = None
    """Why it is this PEFT release, in the words of `transformers_from`."""

    release_notes: tuple[str, ...] = ()
    """What is to be said of the releases: pins that were passed over, a release that is not
    known.
    """

    library: str | None = None
    """The library that built the tree, and its release, where it is not transformers:
    "diffusers 0.40.0".
    """


class FileResult(NamedTuple):
    """All that came of one file."""

    path: str
    """The path as programs get it."""

    findings: tuple[Finding, ...]
    """What the rules say, in the order of the text."""

    settings: tuple[SettingResult, ...] = ()
    """The file's LoRA settings, in the order of the text."""

    lines: tuple[str, ...] = ()
    """The text, line by line, for excerpts; empty where there is no finding."""

    unreadable: bool = False
    """Whether the file could not be read at all."""

    file: str = ""
    """The path as it was opened, and as people see it."""

    methods: tuple[str, ...] = ()
    """PEFT's methods that the file configures and that are not judged, by their `peft_type`; looked
    for where it has no setting.
    """

    failures: tuple[str, ...] = ()
    """Why the file could not be judged as the caller or the repository wants: a damaged lock file,
    a `--model` that cannot be had. Each is a line for people; a run with one has no verdict.
    """
