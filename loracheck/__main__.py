"""`loracheck` and `python -m loracheck`. No import but these stands above `main`: see there."""

import sys

from loracheck.import_path import without_working_directory


def main() -> None:
    """Run the command line, once nothing can be imported from the working directory any more."""
    sys.path[:] = without_working_directory(sys.path)
    from loracheck.cli import cli

    cli(prog_name="loracheck")


if __name__ == "__main__":
    main()
