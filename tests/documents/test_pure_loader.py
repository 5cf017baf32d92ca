"""Where PyYAML came without libyaml, its own parser gives the same values, places and faults."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = """
import sys, yaml
for name in ("CSafeLoader", "CLoader", "CParser"):
    vars(yaml).pop(name, None)
import pytest
from loracheck.documents.yaml import loader
assert loader.Base is yaml.SafeLoader
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", sys.argv[1], "-k", "yaml"]))
"""


def test_the_cases_hold_for_the_pure_parser() -> None:
    cases = str(Path(__file__).with_name("test_cases.py"))
    done = subprocess.run(
        [sys.executable, "-c", CODE, cases],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]
