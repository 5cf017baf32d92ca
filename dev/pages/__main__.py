"""`python -m dev.pages`: write the pages of docs/ that are made from the code."""

from __future__ import annotations

import sys

from . import ROOT, find_stale, make_files, write_files

if __name__ == "__main__":
    check = "--check" in sys.argv[1:]
    found = find_stale(make_files()) if check else write_files()
    for path in found:
        print(f"{'out of date' if check else 'wrote'}: {path.relative_to(ROOT)}")
    sys.exit(1 if check and found else 0)
