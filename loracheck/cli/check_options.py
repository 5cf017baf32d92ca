"""`CheckOptions`: the options of `loracheck check`, and the settings that a command runs under."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.trees.sources.request import ignore_progress
from loracheck.type_checking import TYPE_CHECKING

from .errors import build_usage_error, raise_click_errors
from .outputs import Output, find_standard_format
from .stderr import warn

if TYPE_CHECKING:
    from typing import Any

    from loracheck.options.run_settings import RunSettings

STDIN = "stdin.json"
"""The name of standard input, and so its format, where none is given."""
UNNAMED_HELP = "it was read as JSON: name the format with --stdin-filename config.yaml"
"""What is said of standard input that cannot be read under this name."""


ALL = "all"
"""What stands for every engine in `--serve`."""


class CheckOptions(NamedTuple):
    """The options of `loracheck check`; each field is the option of that name."""

    run: RunOptions
    """The options that any front end has."""

    outputs: tuple[Output, ...] = ()
    """The reports that are written to files."""

    output_file: str | None = None
    quiet: bool = False
    verbose: bool = False
    show_files: bool = False
    show_settings: bool = False
    statistics: bool = False
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    add_ignore: str | None = None
    watch: bool = False
    strict: bool = False
    baseline: str | None = None
    write_baseline: str | None = None
    stdin_filename: str = STDIN
    skip_unrelated: bool = False
    exit_zero: bool = False
    no_cache: bool = False
    jobs: int | None = None
    colour: bool | None = None
    matrix: bool = False
    """Whether `--serve all` asks for the table of all engines."""


MAX_REASON = 200
"""Characters of a reason that is written into comments."""


def parse_reason(value: str) -> str:
    """A reason that can stand in a comment. Raises ValueError for any other."""
    if not value.strip() or not value.isprintable() or len(value) > MAX_REASON:
        raise ValueError(f"a reason is one line of up to {MAX_REASON} characters")
    if "loracheck:" in value:
        raise ValueError("a reason holds no `loracheck:`, which begins another comment")
    return value.strip()


def check_options(values: dict[str, Any]) -> CheckOptions:
    """The options out of click's values, by parameter name."""
    formats = values.pop("formats")
    values["output_format"] = find_standard_format(formats)
    values["outputs"] = tuple(output for output in formats if output.file)
    if values["quiet"] and values["verbose"]:
        raise build_usage_error("--quiet and --verbose exclude each other")
    values["matrix"] = ALL in values["serve"]
    values["serve"] = tuple(name for name in values["serve"] if name != ALL)
    run = {name: values[name] for name in RunOptions._fields}
    check_values = {name: values[name] for name in CheckOptions._fields if name != "run"}
    return CheckOptions(RunOptions(**run), **check_values)


def run_settings(
    options: RunOptions, paths: tuple[str, ...], *, quiet: bool = False
) -> RunSettings:
    """The settings of a run over the paths; notes go to standard error, with `quiet` nowhere.
    Raises click's exceptions for options that make no sense and settings that cannot be used.
    """
    with raise_click_errors():
        return resolve_settings(options, paths, ignore_progress if quiet else warn)
