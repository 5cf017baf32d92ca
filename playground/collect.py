"""Writes a zip of what the playground's Python needs: the wheel's files, built here, and the pure
Python of the packages that loracheck's rooms below the command line import.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
REQUIRED = ("yaml", "packaging")
UNUSED = ("loracheck/cli/", "loracheck/explorer/", "loracheck/mcp/", "loracheck/lsp/server")
"""Front ends that a page cannot use."""


def main(target: Path) -> None:
    """Write the archive."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w") as archive:
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.DEVNULL)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as built:
            for name in built.namelist():
                if name.startswith(UNUSED):
                    continue
                archive.writestr(name, built.read(name))
        for package in REQUIRED:
            spec = find_spec(package)
            if spec is None or spec.origin is None:
                raise SystemExit(f"{sys.executable} has no {package}")
            root = Path(spec.origin).parent
            for path in sorted(root.rglob("*.py")):
                archive.write(path, f"{package}/{path.relative_to(root).as_posix()}")
        archive.write(HERE / "bridge.py", "bridge.py")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
