"""`loracheck` and `python -m loracheck`. No import but these stands above `main`: see there."""

import gc
import sys

from loracheck.import_path import without_working_directory

ALLOCATIONS = 50_000
"""Objects between two runs of the garbage collector. Python's own 700 have it look through all
imported modules dozens of times in a run that leaves next to no garbage.
"""


def main() -> None:
    """Run the command line, once nothing can be imported from the working directory any more."""
    sys.path[:] = without_working_directory(sys.path)
    gc.set_threshold(ALLOCATIONS)
    from loracheck.cli import cli

    cli(prog_name="loracheck")


if __name__ == "__main__":
    main()
