"""Examples of pages and cases as a user would have them: files in a folder, under every rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from dev.newest_release import newest_release
from loracheck.findings import Finding
from loracheck.options.lint_settings import LintSettings
from loracheck.options.load_policies import load_policies
from loracheck.pipeline import check_file
from loracheck.results import FileResult
from loracheck.rules import list_all_rules
from loracheck.trees.sources.bundle_source import BundleSource
from loracheck.trees.sources.request import Request, ResolvedTree, TreeOptions

from ..weights import describe, lora_file
from .page_trees import TREES
from .pages import LORA_FILE, Example


@contextmanager
def small_models() -> Iterator[None]:
    """Models of examples that no bundle has."""
    real = BundleSource.find

    def find(source: BundleSource, request: Request, options: TreeOptions) -> ResolvedTree | None:
        tree = TREES.get(request.model)
        return ResolvedTree(tree, "the example's") if tree else real(source, request, options)

    with newest_release(), patch.object(BundleSource, "find", find):
        yield


def outcome(example: Example, folder: Path) -> FileResult:
    """The run of `loracheck check` on the example, written out into the folder."""
    file = folder / example.file
    if example.file == LORA_FILE:
        file.write_bytes(lora_file(example.text))
    else:
        file.write_text(example.text, encoding="utf-8")
    if example.weights is not None:
        describe(folder, example.weights)
    if example.adapter is not None:
        (folder / "style").mkdir()
        (folder / "style" / "adapter_config.json").write_text(example.adapter, encoding="utf-8")
    if example.lycoris is not None:
        (folder / "lycoris_config.json").write_text(example.lycoris, encoding="utf-8")
    if example.tokenizer is not None:
        (folder / "style" / "tokenizer_config.json").write_text(example.tokenizer, "utf-8")
    every = frozenset(rule.code for rule in list_all_rules())
    settings = LintSettings(every, example.model, example.peft, serve=example.serve)
    if example.transformers is not None:
        settings = settings._replace(trees=TreeOptions(transformers=example.transformers))
    if example.policy is not None:
        policy = folder / "policy.json"
        policy.write_text(example.policy, encoding="utf-8")
        # Named as the page has it, which is the same wherever it is made.
        (read,) = load_policies([str(policy)])
        settings = settings._replace(policies=(read._replace(path=policy.name),))
    return check_file(str(file), example.file, settings)


def findings(example: Example, folder: Path) -> tuple[Finding, ...]:
    """What is said about the example."""
    return outcome(example, folder).findings
