"""A checkpoint's own code is not run, by each of the layers alone.

`LORACHECK_OTHER_PYTHONS` names interpreters with other releases of transformers, divided as PATH
is; the same holds for them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from loracheck.interpreter import find_interpreter
from loracheck.trees.builder import BuildError, build

from .inside import SKELETON
from .planted import FILES

pytestmark = pytest.mark.skipif(
    find_spec("transformers") is None, reason="transformers is not installed"
)
OTHERS = [each for each in os.environ.get("LORACHECK_OTHER_PYTHONS", "").split(os.pathsep) if each]
PYTHONS = [None, *OTHERS]
UPERNET = FILES["model/config.json"]

_LOAD = """
import os, sys
sys.path[:] = [{skeleton!r}, *{path!r}]
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical", USE_TORCH="1")
from importlib import import_module
import_module("hidden").hide()
import transformers
for name in ("modeling_utils", "models.auto.configuration_auto", "models.auto.modeling_auto"):
    import_module(f"transformers.{{name}}")
{layer}
transformers.AutoConfig.from_pretrained({folder!r}, trust_remote_code=True)
"""
DOORS = "import_module('sandbox.loading').forbid()"
AUDIT = "import_module('sandbox.audit').install([os.path.realpath(each) for each in sys.path])"
LANDLOCK = """
if not import_module("sandbox.landlock").restrict(p for p in sys.path if os.path.exists(p)):
    raise SystemExit("no Landlock")
"""


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A checkpoint whose config class says that it was run."""
    folder = tmp_path / "repository" / "evil"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(
        '{"model_type": "evil", "auto_map": {"AutoConfig": "configuration_evil.EvilConfig"}}'
    )
    (folder / "configuration_evil.py").write_text(
        "print('RAN')\nfrom transformers import PretrainedConfig\n"
        "class EvilConfig(PretrainedConfig):\n    model_type = 'evil'\n"
    )
    return folder


def load(evil: Path, python: str | None, layer: str) -> subprocess.CompletedProcess[str]:
    chosen = find_interpreter(python)
    script = _LOAD.format(skeleton=str(SKELETON), path=chosen.path, layer=layer, folder=str(evil))
    return subprocess.run(
        [chosen.program, "-I", "-c", script],
        env={"HOME": str(evil.parent), "PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("python", PYTHONS)
def test_without_any_layer_it_runs(python: str | None, evil: Path) -> None:
    """Else the tests below would show nothing."""
    done = load(evil, python, "")
    assert "RAN" in done.stdout, done.stderr


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("layer", [DOORS, AUDIT, LANDLOCK], ids=["doors", "audit", "landlock"])
def test_each_layer_alone_keeps_it_from_running(layer: str, python: str | None, evil: Path) -> None:
    done = load(evil, python, layer)
    if "no Landlock" in done.stderr or (layer is LANDLOCK and not sys.platform.startswith("linux")):
        pytest.skip("this system has no Landlock")
    assert done.returncode == 1
    assert "RAN" not in done.stdout + done.stderr


@pytest.mark.parametrize("python", PYTHONS)
def test_a_backbone_that_is_code(
    python: str | None, evil: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """transformers 4 loads `backbone` with `backbone_kwargs`, trust in its code among them."""
    monkeypatch.chdir(evil.parent)
    for backbone in ("./evil", "evil", str(evil)):
        for kwargs in ({"trust_remote_code": True}, {}):
            with pytest.raises(BuildError) as caught:
                build({**UPERNET, "backbone": backbone, "backbone_kwargs": kwargs}, python=python)
            assert caught.value.kind in ("not-allowed", "invalid-config", "needs-package")
