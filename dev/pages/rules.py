"""A page for every rule, from its docstring, and the index by family."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from loracheck.config.field_table import get_lora_fields
from loracheck.explain.field.page import find_rules
from loracheck.explain.links import link_citations
from loracheck.reporters import render
from loracheck.reporters.report import Report
from loracheck.rules import Rule, list_all_rules

from .markdown import join_blocks, make_table

FAMILIES = {
    "LC0": ("File and parsing", "What the file itself is, whatever it says about LoRA."),
    "LC1": (
        "Fields",
        "Names, types, ranges of LoraConfig's fields, those that exclude others, and (LC15) "
        "calls of "
        "a script that undo what its config asks for.",
    ),
    "LC2": ("Module tree", "The targets, held against the modules that the model really has."),
    "LC3": ("Ranges and scaling", "Ranks, alphas and dropouts that work and are seldom meant."),
    "LC4": ("Task, head and embeddings", "What is trained in full beside LoRA, and what is not."),
    "LC5": ("Versions and serving", "What another release, a server or a converter will refuse."),
    "LC6": ("Adapter weights", "The tensors beside an adapter_config.json, and LoRA files."),
    "LC7": ("One tool's own traps", "What a tool does with its own file before PEFT sees it."),
    "LC8": ("Safety", "What somebody else's config could do to your machine."),
    "LC9": ("Policies", "What a team's own [policies](../policies.md) do not allow."),
}
BESIDE = "`adapter_model.safetensors` beside it:"
"""Stands before the weights of an example."""


def make_pages() -> dict[str, str]:
    """Path below docs/ and text of every page."""
    rules = list_all_rules()
    made = {f"rules/{rule.code}.md": make_page(rule) for rule in rules}
    return {"rules/index.md": _make_index(rules), **made}


def _make_index(rules: tuple[Rule, ...]) -> str:
    blocks = [
        "# Rules",
        f"{len(rules)} rules. `loracheck explain LC202` shows a page in the terminal.",
    ]
    blocks.append(
        "A code is never used for another rule. Whole families are chosen by prefix: "
        "`--select LC2`, `--ignore LC30`."
    )
    for family, (title, about) in FAMILIES.items():
        own = [rule for rule in rules if rule.code.startswith(family)]
        if own:
            blocks += [f"## {family} {title}", about, make_table(_HEAD, map(_index_row, own))]
    return join_blocks(*blocks)


_HEAD = ("Code", "Name", "Severity", "Fix", "What it says")


def _index_row(rule: Rule) -> tuple[str, ...]:
    code = f"[{rule.code}]({rule.code}.md)"
    return code, rule.name, rule.severity, "yes" if rule.fixable else "", rule.summary


def make_page(rule: Rule) -> str:
    """The text of a rule's page."""
    summary, _, body = rule.page.partition("\n")
    said = _example_output(rule)
    if said:
        body = body.replace("\n## Good\n", f"\n{said}\n\n## Good\n", 1)
    head = f"# {rule.code} {rule.name}"
    body = body.replace("```weights\n", f"{BESIDE}\n\n```text\n").replace("```lora\n", "```text\n")
    return join_blocks(
        head,
        summary,
        "\n".join(_fact_lines(rule)),
        link_citations(body),
        _option_table(rule),
        _field_links(rule),
    )


def _fact_lines(rule: Rule) -> Iterator[str]:
    family, (title, _) = next((f, v) for f, v in FAMILIES.items() if rule.code.startswith(f))
    yield make_table(
        ("Severity", "Family", "Fix", "Since"),
        [
            (
                rule.severity,
                f"{family} {title}",
                "`--fix` or `--unsafe-fixes`" if rule.fixable else "by hand",
                rule.since,
            )
        ],
    )


def _example_output(rule: Rule) -> str:
    """What loracheck says about the first example under Bad, this rule's findings alone."""
    from tests.rules.pages import examples
    from tests.rules.run_example import outcome, small_models

    found = examples(rule.page, "Bad")
    if not found:
        return ""
    with small_models(), TemporaryDirectory() as folder:
        whole = outcome(found[0], Path(folder))
    own = tuple(finding for finding in whole.findings if finding.code == rule.code)
    shown = Report((whole._replace(findings=own, file=""),), 1)
    report = render(shown, "full").rpartition("\n\n")[0]
    lines = [line for line in report.splitlines() if "= more: loracheck explain" not in line]
    lead = "loracheck says:" if len(found) == 1 else "Of the first, loracheck says:"
    return f"{lead}\n\n```text\n" + "\n".join(lines) + "\n```" if lines else ""


def _option_table(rule: Rule) -> str:
    if not rule.options:
        return ""
    rows = [(f"`{name}`", text) for name, text in rule.options.items()]
    words = f"In `[tool.loracheck.rules.{rule.code}]` of [the settings](../settings.md):"
    return f"## Options\n{words}\n\n{make_table(('Option', 'Meaning'), rows)}"


def _field_links(rule: Rule) -> str:
    """The fields that the page names."""
    links = ", ".join(f"[`{name}`](../fields.md#{name})" for name in _fields_by_rule()[rule.code])
    return f"## Fields\n{links}" if links else ""


@cache
def _fields_by_rule() -> dict[str, list[str]]:
    """Rule's code -> the fields that its page speaks of."""
    found: dict[str, list[str]] = {rule.code: [] for rule in list_all_rules()}
    for name, field in get_lora_fields().items():
        for rule in find_rules(field):
            found[rule.code].append(name)
    return found
