"""The stand-in as a library: what its tensors and modules do is what torch's own do. Cases:
`data/*.txt`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"
SKELETON = Path(__file__).parents[2] / "loracheck" / "trees" / "skeleton"


def evaluated(name: str, *path: str) -> dict[str, Any]:
    command = [sys.executable, str(DATA / "evaluate.py"), str(DATA / name), *path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.oracle
@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
@pytest.mark.parametrize("name", ["tensors.txt", "modules.txt"])
def test_every_line_comes_to_the_same_under_both(name: str) -> None:
    real, ours = evaluated(name), evaluated(name, str(SKELETON))
    different = {line: (real[line], ours[line]) for line in real if real[line] != ours[line]}
    assert not different
    assert len(real) > 70


ODD = """
import sys; sys.path.insert(0, sys.argv[1])
import torch, importlib.util
from torch import nn
from torch.some.where import Base, decorate

@decorate
def kept(): return 1
@torch.whatever(flag=True)
def also_kept(): return 2
class Child(Base, torch.Strange): pass
with torch.a.b.c(): pass
assert kept() == 1 and also_kept() == 2 and Child() is not None
assert not torch.cuda.is_available() and not torch.flag
assert not hasattr(torch, "npu") and importlib.util.find_spec("torch.npu") is None
assert not hasattr(nn, "some_function")
class Named(nn.FutureLayer): pass
try: nn.FutureLayer(3)
except RuntimeError as error: print(error)
"""


@pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is not installed")
def test_the_unknown_is_harmless_but_never_a_layer() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ODD, str(SKELETON)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "the stand-in for torch does not have torch.nn.FutureLayer\n"
