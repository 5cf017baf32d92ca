"""`loracheck` and `python -m loracheck`."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from loracheck.cli import cli

    cli(prog_name="loracheck")


if __name__ == "__main__":
    main()
