"""`loracheck init`: writes a first config for a model."""

from __future__ import annotations

import os

import click

from loracheck.documents.replace_file import replace_file
from loracheck.explain.write import DIFFUSION_TOOLS, WRITABLE_TOOLS
from loracheck.type_checking import TYPE_CHECKING

from .completion import complete_engines, complete_models
from .stderr import fail, warn
from .transformers_option import add_transformers_option

if TYPE_CHECKING:
    from loracheck.options.lint_settings import LintSettings

TASKS = (
    *("CAUSAL_LM", "SEQ_CLS", "TOKEN_CLS", "QUESTION_ANS", "SEQ_2_SEQ_LM"),
    "FEATURE_EXTRACTION",
)
"""PEFT's task types (0.21.2 utils/peft_types.py TaskType)."""


@click.command("init")
@click.option(
    "--model",
    required=True,
    metavar="ID|DIR|FILE",
    shell_complete=complete_models,
    help="The base model.",
)
@click.option(
    "--tool",
    type=click.Choice([*WRITABLE_TOOLS, *DIFFUSION_TOOLS]),
    default="peft",
    help="Whose file to write (default: peft, a Python script).",
)
@click.option(
    "--task",
    type=click.Choice(TASKS, case_sensitive=False),
    help="PEFT's task type (default: what the model's own class does).",
)
@click.option(
    "--serve",
    multiple=True,
    metavar="ENGINE[==VERSION]",
    shell_complete=complete_engines,
    help="A serving engine that must take the adapter (repeatable).",
)
@click.option("--rank", type=click.IntRange(1, 4096), default=16, help="The rank r (default: 16).")
@click.option("-o", "--output", metavar="FILE", help="Write to this file (default: the terminal).")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@add_transformers_option("Use the tree of this transformers line.")
@click.option("--python", metavar="PATH", help="Build with the transformers of this interpreter.")
@click.option(
    "--online/--offline",
    default=None,
    help="Fetch a missing config.json from the Hub (default: offline).",
)
def command(
    model: str,
    tool: str,
    task: str | None,
    serve: tuple[str, ...],
    rank: int,
    output: str | None,
    force: bool,
    transformers: str | None,
    python: str | None,
    online: bool | None,
) -> None:
    """Write a LoRA config for a model, one that passes its own checks.

    The targets come from the model's module tree, in the words of the tool; the comments say why
    each value was chosen. It is a start to change, not the best values for your data.

    Exit status: 0 written, 1 no config for this model and tool passes the checks, 2 usage, an
    unknown model or a file in the way.
    """
    from loracheck.options.run_options import RunOptions

    from .check_options import run_settings

    if task and tool in DIFFUSION_TOOLS:
        fail(f"--tool {tool} trains diffusion models, which have no task type", None, 2)
    if output:
        _check_suffix(output, tool)
    if output and os.path.exists(output) and not force:
        fail(f"{output} is there already", "write over it with --force", 2)
    options = RunOptions(None, None, transformers, python, online, isolated=True, serve=serve)
    settings = run_settings(options, ()).for_path(os.curdir)
    text = _build_config_text(model, tool, task, rank, settings)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        replace_file(output, text.encode("utf-8"))
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror or error}", None, 2)
    warn(f"{output} written; see what it does with: loracheck explain {output}")


def _check_suffix(output: str, tool: str) -> None:
    """Stop where the file's ending says another format than the tool's."""
    forms = {**WRITABLE_TOOLS, **DIFFUSION_TOOLS}
    suffix = os.path.splitext(forms[tool].file)[1]
    extension = os.path.splitext(output)[1].lower().replace(".yml", ".yaml")
    endings = sorted({os.path.splitext(form.file)[1] for form in forms.values()})
    if extension != suffix and extension in endings:
        others = [name for name, form in forms.items() if form.file.endswith(extension)]
        fail(
            f"--tool {tool} writes a {suffix} file, and {output} is to be none",
            f"name the tool whose file it is: --tool {' or '.join(others)}",
            2,
        )


def _build_config_text(
    model: str, tool: str, task: str | None, rank: int, settings: LintSettings
) -> str:
    from loracheck.explain.model.first_config import write_first_config
    from loracheck.explain.model.first_diffusion_config import write_first_diffusion_config
    from loracheck.tools.core.field_names import get_heads
    from loracheck.tools.core.registry import find_loaded_model
    from loracheck.trees.resolve import resolve
    from loracheck.trees.sources.request import Request

    loaded = find_loaded_model(tool, model)
    resolved = resolve(Request(loaded, heads=get_heads(task)), settings.trees)
    if resolved.tree is None:
        fail(resolved.reason or "no such model", resolved.help, 2)
    if resolved.tree.partial:
        why = "only tensor names are known of it, so nothing can be checked"
        fail(f"{model}: {why}", None, 2)
    if tool in DIFFUSION_TOOLS:
        first_config = write_first_diffusion_config(model, resolved.tree, tool, settings, rank)
    else:
        first_config = write_first_config(model, resolved.tree, tool, settings, rank, task)
    if not first_config.fit:
        for finding in first_config.findings:
            warn(f"{finding.severity}[{finding.code}]: {finding.message}")
        fail(f"no config of {model} for {tool} passes the checks", first_config.reason, 1)
    return first_config.text
