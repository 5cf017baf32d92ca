"""The options of `loracheck check`, in the order of its help."""

from __future__ import annotations

from loracheck.releases.release_table import parse_release
from loracheck.type_checking import TYPE_CHECKING

from .check_options import STDIN, parse_reason
from .completion import complete_engines, complete_models, complete_rules
from .option import Option
from .outputs import parse_output

if TYPE_CHECKING:
    from typing import Any

ENVIRONMENT = "LORACHECK"
"""What the variables that stand for an option begin with."""


def _build_output_type() -> Any:
    from .output_type import OutputType

    return OutputType()


CHECK_OPTIONS = (
    Option(("--model",), "Judge every config against this model.", "ID|DIR|FILE",
           complete=complete_models),
    Option(("--peft",), "Judge by this PEFT release (default: as for --transformers).", "VERSION"),
    Option(("--transformers",), "Judge by this transformers release (default: pinned, installed or "
           "newest; docs/trees.md).", "VERSION", convert=parse_release),
    Option(("--serve",), "Also say what this server or converter refuses: vllm, sglang, llama.cpp, "
           "...; `all` adds a table of what each known one makes of the adapter.",
           "ENGINE[==VERSION]", multiple=True, complete=complete_engines),
    Option(("--policy",), "Hold every setting against this JSON Schema too (docs/policies.md).",
           "FILE", multiple=True),
    Option(("--python",), "Judge by the releases of this interpreter, and build with its "
           "transformers.", "PATH"),
    Option(("--online/--offline",), "Fetch missing config.json files from the Hub (default: "
           "offline)."),
    Option(("--select",), "Run these rules only (codes, prefixes, names).", "CODES", multiple=True,
           complete=complete_rules),
    Option(("--extend-select",), "Run these rules as well.", "CODES", multiple=True,
           complete=complete_rules),
    Option(("--ignore",), "Do not run these rules.", "CODES", multiple=True,
           complete=complete_rules),
    Option(("--files-from",), "Check the paths in this list too: a line each, or divided by null "
           "characters.", "FILE|-"),
    Option(("--format",), "Output format (default: full; github in GitHub Actions); with =FILE "
           "into a file beside what is printed, as often as wanted.", "FORMAT", multiple=True,
           convert=parse_output, type=_build_output_type, parameter="formats",
           variable="LORACHECK_FORMAT"),
    Option(("--output-file",), "Write the report here, not to the terminal.", "FILE"),
    Option(("-q", "--quiet"), "Print findings and errors, and nothing else."),
    Option(("-v", "--verbose"), "Say how each LoRA setting was judged (standard error)."),
    Option(("--show-files",), "List the files to check, and check none."),
    Option(("--show-settings",), "Show the settings for the first path, and check nothing."),
    Option(("--statistics",), "Show how often each rule fired instead of the findings."),
    Option(("--fix",), "Mend what can be mended for certain, in place."),
    Option(("--unsafe-fixes",), "With --fix or --diff: also what is only likely right."),
    Option(("--diff",), "Show what --fix would do, and write nothing."),
    Option(("--add-ignore",), "Write a comment with this reason for each finding that counts: it "
           "counts no more.", "REASON", convert=parse_reason),
    Option(("--watch",), "Check again whenever a file changes."),
    Option(("--fail-on",), "Lowest severity that makes the exit status 1 (default: warning).",
           choices=("error", "warning", "note")),
    Option(("--strict",), "Exit with 3 when something could not be judged and nothing is worse."),
    Option(("--config",), "Settings file (default: the nearest loracheck.toml or pyproject.toml).",
           "FILE"),
    Option(("--isolated",), "Read no settings file."),
    Option(("--baseline",), "Leave out the findings that this file knows.", "FILE"),
    Option(("--write-baseline",), "Write all findings to this file, and report none.", "FILE"),
    Option(("--skip-unrelated",), "Pass over broken files that do not speak of LoRA (as a "
           "directory's; for hooks)."),
    Option(("--stdin-filename",), "Name and format of standard input (default: JSON).", "NAME",
           default=STDIN),
    Option(("--no-cache",), "Neither use nor keep results of files that have not changed."),
    Option(("-j", "--jobs"), "Processes to use (default: one per core where there are hundreds of "
           "files).", "N", least=1),
    Option(("--exit-zero",), "Exit with 0 whatever is found."),
    Option(("--colour/--no-colour", "--color/--no-color"), "Colour (default: on a terminal)."),
)  # fmt: skip
