"""`loracheck explain`: a page about a file, a field, a rule or a model."""

from __future__ import annotations

import click

from .check_options import STDIN
from .completion import complete_engines, complete_models, complete_topics
from .transformers_option import add_transformers_option


@click.command("explain")
@click.argument("topics", nargs=-1, metavar="[TOPIC]...", shell_complete=complete_topics)
@click.option(
    "--model",
    metavar="ID|DIR|FILE",
    shell_complete=complete_models,
    help="Hold the file against this model.",
)
@click.option("--peft", metavar="VERSION", help="Judge by this PEFT release.")
@add_transformers_option("Judge by this transformers release.")
@click.option(
    "--python",
    metavar="PATH",
    help="Judge by the releases of this interpreter, and build with its transformers.",
)
@click.option(
    "--online/--offline",
    default=None,
    help="Fetch missing config.json files from the Hub (default: offline).",
)
@click.option(
    "--serve",
    multiple=True,
    metavar="ENGINE[==VERSION]",
    shell_complete=complete_engines,
    help="What this serving engine makes of it (default: all known).",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "setting"]),
    default="text",
    help="Output format (default: text); setting: a file's settings as policies see them.",
)
@click.option(
    "--stdin-filename",
    default=STDIN,
    metavar="NAME",
    help="Name and format of standard input, the topic - (default: JSON).",
)
@click.option("--html", metavar="OUT", help="Write a page about the file, with its coverage map.")
@click.option("--svg", metavar="OUT", help="Write the coverage map of the file alone.")
@click.option(
    "-i", "--interactive", is_flag=True, help="Open the file in the explorer (in a terminal)."
)
@click.pass_obj
def command(
    fault: BaseException | None,
    /,
    topics: tuple[str, ...],
    model: str | None,
    peft: str | None,
    transformers: str | None,
    python: str | None,
    online: bool | None,
    serve: tuple[str, ...],
    style: str,
    stdin_filename: str,
    html: str | None,
    svg: str | None,
    interactive: bool,
) -> None:
    """Explain a config file, a field, a rule, or a model.

    \b
    loracheck explain adapter_config.json   what a config will do to its model
    loracheck explain lora_alpha            a field: meaning, usual values, rules
    loracheck explain LC202                 a rule's page
    loracheck explain Qwen/Qwen3-8B         a model: its tree, what LoRA can target
    loracheck explain - < a.json            the same for standard input
    loracheck explain a.yaml b.yaml         how two configs differ in effect
    loracheck explain adapters/             whether its adapters can be combined or swapped
    loracheck explain                       opens a file or model to try things out
    """
    if fault is not None:  # what `quick_explain` has raised, for click to tell
        raise fault
    from loracheck.options.run_options import RunOptions

    from . import topics as pages

    engine_names = () if "all" in serve else serve  # all known ones are asked where none is named
    options = RunOptions(model, peft, transformers, python, online, serve=engine_names)
    if html or svg:
        from .explain_export import write_pictures

        write_pictures(topics, options, html, svg)
        return
    if interactive and "-" in topics:
        raise click.UsageError("the explorer opens files, and standard input is none")
    if interactive or not topics:
        from .interactive import open_explorer

        if open_explorer(topics, options):
            return
    if len(topics) > 2:
        raise click.UsageError("one topic, or two config files to compare")
    if len(topics) == 2 and style == "setting":
        raise click.UsageError("--format setting goes with one file")
    if topics == ("-",):
        text = pages.render_standard_input(stdin_filename, options, style)
    elif len(topics) == 2:
        text = pages.render_comparison(topics[0], topics[1], options, style)
    else:
        text = pages.render_topic(topics[0], options, style)
    click.echo(text, color=True)  # it holds colours only where they are wanted
