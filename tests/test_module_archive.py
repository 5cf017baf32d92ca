"""The file of compiled modules is made, used, and never believed when it is old or damaged."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "loracheck"
SCRIPT = """
import sys
from loracheck import module_archive
made = module_archive.install_archive()
from loracheck import addresses
print(type(addresses.__spec__.loader).__name__, addresses.URL)
if changes := made.find_changes():
    from loracheck import module_archive_writer
    module_archive_writer.write_archive(made, *changes)
"""
MODULES = (
    *("__init__", "lazy_names", "type_checking", "version"),
    *("module_archive", "module_archive_file", "module_archive_writer"),
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of the same name with a few of its modules."""
    folder = tmp_path / "loracheck"
    folder.mkdir()
    for name in MODULES:
        shutil.copy(PACKAGE / f"{name}.py", folder)
    (folder / "addresses.py").write_text("URL = 'one'\n")
    return folder


def run(package: Path, **more: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=package.parent, capture_output=True, text=True,
        env={"PYTHONPATH": str(package.parent), "PATH": "", **more}, check=True,
    )  # fmt: skip
    return done.stdout.split()


def archive_of(package: Path) -> Path:
    return next((package / "__pycache__").glob("module_archive_file.*.pyc"))


def test_the_second_run_loads_it_out_of_the_file(package: Path) -> None:
    assert run(package) == ["SourceFileLoader", "one"]
    assert run(package) == ["ModuleArchive", "one"]


def test_a_module_that_changed_is_loaded_anew(package: Path) -> None:
    run(package)
    (package / "addresses.py").write_text("URL = 'two'\n")
    os.utime(package / "addresses.py", (1, 1))
    assert run(package) == ["SourceFileLoader", "two"]
    assert run(package) == ["ModuleArchive", "two"]


def test_a_package_that_was_moved_is_loaded_anew(package: Path, tmp_path: Path) -> None:
    run(package)
    other = tmp_path / "other"
    other.mkdir()
    shutil.move(package, other)
    assert run(other / "loracheck") == ["SourceFileLoader", "one"]


@pytest.mark.parametrize("length", [0, 5, 30, 200, -1])
def test_a_damaged_file_is_made_anew(package: Path, length: int) -> None:
    run(package)
    archive = archive_of(package)
    archive.write_bytes(archive.read_bytes()[:length])
    assert run(package) == ["SourceFileLoader", "one"]
    assert run(package) == ["ModuleArchive", "one"]


def test_nothing_is_written_where_python_writes_none(package: Path) -> None:
    assert run(package, PYTHONDONTWRITEBYTECODE="1") == ["SourceFileLoader", "one"]
    assert not (package / "__pycache__").exists()


def test_it_follows_the_folder_of_compiled_files(package: Path, tmp_path: Path) -> None:
    run(package, PYTHONPYCACHEPREFIX=str(tmp_path / "elsewhere"))
    assert not (package / "__pycache__").exists()
    assert list((tmp_path / "elsewhere").rglob("module_archive_file.*.pyc"))


def test_what_lies_beside_a_package_is_found(package: Path) -> None:
    (package / "style.css").write_text("p {}")
    (package / "addresses").mkdir()
    (package / "addresses.py").rename(package / "addresses" / "__init__.py")
    (package / "addresses" / "inner.css").write_text("b {}")
    script = SCRIPT + (
        "import importlib.resources, pkgutil\n"
        "print(importlib.resources.files('loracheck.addresses').joinpath('inner.css').read_text())\n"
        "print(pkgutil.get_data('loracheck.addresses', 'inner.css').decode())\n"
    )
    for loader in ("SourceFileLoader", "ModuleArchive"):
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=package.parent, capture_output=True, text=True,
            env={"PYTHONPATH": str(package.parent), "PATH": ""}, check=True,
        )  # fmt: skip
        assert done.stdout.split("\n")[:3] == [f"{loader} one", "b {}", "b {}"]


def test_a_section_of_which_little_is_used_is_divided(package: Path) -> None:
    others = [f"other_{number}" for number in range(9)]
    for name in others:
        (package / f"{name}.py").write_text(f"NAME = '{name}'\n")
    every = SCRIPT.replace("addresses\n", f"addresses, {', '.join(others)}\n", 1)
    read = "print([count for _, _, count in module_archive.install_archive().sections])\n"

    def run_script(script: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", script + read], cwd=package.parent, capture_output=True,
            text=True, env={"PYTHONPATH": str(package.parent), "PATH": ""}, check=True,
        ).stdout.split("\n")[-2]  # fmt: skip

    first, second = run_script(every), run_script(every)
    assert first == second and "1," not in first
    assert run_script(SCRIPT) != first
    assert run_script(SCRIPT) == run_script(every) != first
    written = archive_of(package).stat().st_mtime_ns
    run_script(SCRIPT)
    assert archive_of(package).stat().st_mtime_ns == written  # it comes to rest


REPLACE = "data = open(made.path, 'rb').read(); open(made.path + '2', 'wb').write(data[::-1]); "


@pytest.mark.parametrize(
    "lose", ["os.unlink(made.path)", f"{REPLACE}os.replace(made.path + '2', made.path)"]
)
def test_a_file_that_is_replaced_or_lost_on_the_way_is_not_needed(package: Path, lose: str) -> None:
    run(package)
    lose = f"import os; {lose}\n"
    script = SCRIPT.replace(
        "from loracheck import addresses\n", f"{lose}from loracheck import addresses\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=package.parent, capture_output=True, text=True,
        env={"PYTHONPATH": str(package.parent), "PATH": ""}, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["SourceFileLoader", "one"]
    assert run(package) == ["ModuleArchive", "one"]
