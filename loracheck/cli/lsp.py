"""`loracheck lsp`: the checks while one types."""

from __future__ import annotations

from importlib.util import find_spec

import click

from .stderr import fail


@click.command("lsp")
@click.option(
    "--tcp", metavar="HOST:PORT", help="Listen there instead of standard input and output."
)
def command(tcp: str | None) -> None:
    """Serve the checks to an editor (Language Server Protocol).

    An editor starts this command itself: see docs/editors.md. Needs the extra `lsp`.
    """
    if find_spec("pygls") is None:
        fail("pygls is not installed", "pip install 'loracheck[lsp]'")
    host, _, port = (tcp or "").rpartition(":")
    if tcp is not None and not (host and port.isdecimal() and int(port) < 65536):
        raise click.UsageError(f"--tcp {tcp!r} is no HOST:PORT")
    from loracheck.lsp.server import make_server

    if tcp is None:
        make_server().start_io()
    else:
        make_server().start_tcp(host, int(port))
