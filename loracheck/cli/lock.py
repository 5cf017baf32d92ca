"""`loracheck lock`: writes the module trees that the configs name to `loracheck.lock`."""

from __future__ import annotations

import sys

import click

from loracheck.documents.json_file import MAX_INDEX
from loracheck.documents.model import DocumentError
from loracheck.documents.replace_file import replace_file
from loracheck.documents.source import load
from loracheck.options.find_files import find_files
from loracheck.options.run_options import RunOptions
from loracheck.reporters.sinks import log_line
from loracheck.trees.sources import lock
from loracheck.trees.sources.builds import Builds
from loracheck.trees.sources.request import TreeOptions
from loracheck.type_checking import TYPE_CHECKING

from .check_options import run_settings
from .stderr import describe_read_error, fail, warn
from .transformers_option import add_transformers_option

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree


@click.command("lock")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--file", "target", default=lock.NAME, show_default=True, metavar="FILE")
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit with 1 if it is out of date."
)
@add_transformers_option("Lock the trees of this transformers line.")
@click.option("--python", metavar="PATH", help="Build with the transformers of this interpreter.")
@click.option("--online/--offline", help="Fetch missing config.json files from the Hub.")
def command(
    paths: tuple[str, ...],
    target: str,
    only_check: bool,
    transformers: str | None,
    python: str | None,
    online: bool,
) -> None:
    """Write loracheck.lock: the module trees of all models that the configs name.

    With it `loracheck check` needs neither network nor transformers.

    Exit status: 0 written or up to date, 1 out of date with --check, 2 a model's tree could not be
    had.
    """
    options = TreeOptions(
        *(transformers, python, online),
        use_token=online,  # the command line asks for it, and no file of the repository
        lock=False,
        notify=warn,
        builds=Builds(),
    )
    trees, missing = _collect_trees(paths or (".",), options)
    for line in missing:
        warn(f"error: {line}")
    text = lock.render_lock(trees)
    if only_check:
        _check(target, text, missing)
    elif missing:
        sys.exit(2)
    else:
        try:
            replace_file(target, text.encode("utf-8"))
        except OSError as error:
            fail(f"{target} cannot be written: {error.strerror or error}")
        click.echo(log_line(f"{target}: {len(trees)} module trees"))


def _collect_trees(
    paths: tuple[str, ...], options: TreeOptions
) -> tuple[list[tuple[lock.LockKey, ModuleTree]], list[str]]:
    """Every model that the files or the settings name with its tree, and a line for each that could
    not be had, and for each file named that cannot be read.
    """
    from loracheck.pipeline import list_model_requests
    from loracheck.trees.resolve import resolve

    trees: dict[lock.LockKey, ModuleTree] = {}
    missing: dict[str, None] = {}
    settings = run_settings(RunOptions(), paths)
    for file in find_files(paths, settings.excludes, gitignore=settings.respect_gitignore):
        if file.is_skipped:
            warn(f"note: {file.display_path}: {file.reason}")
            continue
        if file.reason is not None:
            missing[f"{file.display_path}: {file.reason}"] = None
            continue
        try:
            requests = list_model_requests(file.path, settings.for_path(file.path).model)
        except (DocumentError, OSError) as error:
            if not file.from_search:  # of a searched folder's files `check` tells
                missing[describe_read_error(file.display_path, error)] = None
            continue
        for request in requests:
            if lock.make_lock_key(request) in trees:
                continue
            resolved = resolve(request, options)
            if resolved.tree is None:
                missing[f"{request.model}: {resolved.reason}"] = None
            else:
                trees[lock.make_lock_key(request)] = resolved.tree
    return list(trees.items()), list(missing)


def _check(target: str, text: str, missing: list[str]) -> None:
    try:
        locked = load(target, MAX_INDEX).decode("utf-8", "replace")
    except (DocumentError, OSError):
        locked = ""
    if missing:
        sys.exit(2)
    if locked == text:
        click.echo(log_line(f"{target} is up to date"))
        return
    click.echo(log_line(f"{target} is out of date: write it with loracheck lock"))
    for line in lock.list_differences(locked, text):
        click.echo(log_line(f"  {line}"))
    sys.exit(1)
