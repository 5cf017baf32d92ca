"""The keys that a settings file may have: one table, from which reading, schema and docs come."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple

FORMATS = (
    "full",
    "concise",
    "agent",
    "json",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "rdjson",
    "markdown",
)
"""The reporters' names; a test holds them equal to `loracheck.reporters.FORMATS`."""


class Key(NamedTuple):
    """One key of the settings file."""

    kind: str
    """What its value is: codes, strings, engines, string, peft, transformers (a version), flag,
    specifier (of versions, as pip takes them), choice, paths (one or a list), paths-by-path,
    codes-by-path, string-by-path or rules.
    """

    help: str
    """One sentence for the docs and the schema."""

    choices: tuple[str, ...] = ()
    """The values of a choice."""


KEYS: dict[str, Key] = {
    "required-version": Key(
        "specifier", "Releases of loracheck that may judge this project, as `>=0.2,<1`."
    ),
    "select": Key("codes", "Run these rules only: codes, prefixes of codes, or names."),
    "extend-select": Key("codes", "Run these rules as well."),
    "ignore": Key("codes", "Do not run these rules."),
    "per-file-ignores": Key(
        "codes-by-path", "Rules that do not run for files: path pattern to a list of codes."
    ),
    "exclude": Key("strings", "Path patterns of files and folders that are never looked at."),
    "respect-gitignore": Key(
        "flag", "Leave out of a search what git ignores, unless nothing else is there (default)."
    ),
    "fail-on": Key(
        "choice", "Lowest severity that makes the exit status 1.", ("error", "warning", "note")
    ),
    "model": Key("string", "Judge every config against this model, as --model does."),
    "models": Key(
        "string-by-path",
        "The model for files: path pattern to a Hub id, a folder or a config.json. The first "
        "pattern that matches decides; it counts more than `model`.",
    ),
    "peft": Key("peft", "Judge by this PEFT release."),
    "transformers": Key(
        "transformers",
        "Judge by this transformers release (default: pinned, installed, or the newest known).",
    ),
    "serve": Key(
        "engines", "Engines that must take the adapter, as --serve: vllm, vllm==0.11, llama.cpp."
    ),
    "policy": Key(
        "paths",
        "JSON Schemas that every setting must meet, a path or a list, relative to this file.",
    ),
    "policies": Key(
        "paths-by-path",
        "Further policies for files: path pattern to a path or a list; every pattern that matches "
        "counts.",
    ),
    "format": Key("choice", "Output format.", FORMATS),
    "online": Key("flag", "Fetch missing config.json files from the Hub."),
    "baseline": Key("string", "File of known findings, relative to this one, as --baseline."),
    "rules": Key("rules", "Options of single rules, under their codes."),
}
