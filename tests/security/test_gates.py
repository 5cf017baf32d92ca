"""Two modules open files; they hold to regular files, limits and the repository."""

from __future__ import annotations

import ast
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loracheck.documents.model import DocumentError
from loracheck.documents.replace_file import edit_file, replace_file, write_new_file
from loracheck.documents.source import load
from tests.weights import safetensors

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "loracheck"
GATES = {"documents/source.py", "documents/replace_file.py"}
OTHERS = {
    "__main__.py": "standard streams that were closed, on the null device",
    "cli/quick_help.py": "loracheck's own help page, and the writer of it",
    "cli/batch_files.py": "parts of its own target, in a folder of its own",
    "module_archive.py": "loracheck's own compiled modules, beside Python's",
    "module_archive_writer.py": "the same, when they are written",
    "options/find_files.py": "walks through the folders that are searched, and follows no link",
    "explorer/file_suggestions.py": "lists folders for who types a path",
    "trees/sources/failure_cache.py": "walks through loracheck's own folder",
    "trees/sources/builds.py": "a temporary file of its own, unlinked at once",
    "reporters/result_store.py": "a temporary file of its own that has no name",
    "trees/child.py": "a temporary file and folder of its own",
    "config/field_table.py": "loracheck's own data",
    "config/methods.py": "loracheck's own data",
    "config/method_fields.py": "loracheck's own data",
    "config/module_kinds.py": "loracheck's own data",
    "tools/core/parser_keys.py": "loracheck's own data",
    "tools/trl.py": "loracheck's own data",
    "trees/auto_classes.py": "loracheck's own data",
    "trees/class_names.py": "loracheck's own data",
    "trees/sources/older.py": "loracheck's own data",
    "engines/read.py": "loracheck's own data",
    "lora_files/reach.py": "loracheck's own data",
    "explain/field/usage.py": "loracheck's own data",
    "explain/html/coverage_map.py": "loracheck's own data",
    "explain/html/page.py": "loracheck's own data",
    "explain/schema.py": "loracheck's own data, and the writer of it",
    "pipeline/cache_place.py": "loracheck's own code, and the installer's record of it",
    "pipeline/unrelated_files.py": "lists a folder that is searched, and follows no link",
    "plan/peft_tables.py": "loracheck's own data",
    "releases/release_table.py": "loracheck's own data",
    "releases/least_peft.py": "loracheck's own data",
    "rules/support/block_paths.py": "loracheck's own data",
    "rules/support/decoder_inputs.py": "loracheck's own data",
    "rules/support/trainer_parameters.py": "loracheck's own data",
    "tools/core/index.py": "loracheck's own data",
    "trees/model_ids.py": "loracheck's own data",
    "trees/pipeline_classes.py": "loracheck's own data",
    "trees/sources/bundle.py": "loracheck's own data",
    "trees/sources/diffusers_bundle.py": "loracheck's own data",
    "config/generate.py": "writes loracheck's own data",
    "tools/core/build_index.py": "writes loracheck's own data",
    "tools/core/schema.py": "writes loracheck's own data",
}
"""What else opens files, and why it is no file of a stranger's. The builder's process
(`trees/skeleton`) has gates of its own.
"""
OPENING = {
    *(
        "open",
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "walk",
        "scandir",
        "fdopen",
        "touch",
    ),
    *("NamedTemporaryFile", "TemporaryFile", "mkstemp", "replace", "rename", "copyfile", "copy2"),
}
PYTHON = (sys.executable, "-m", "loracheck")
CONFIG = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"]}
QWEN = {**CONFIG, "base_model_name_or_path": "Qwen/Qwen2.5-7B"}


def opening_calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name) and function.id in OPENING - {"replace", "walk"}:
            yield function.id
        elif isinstance(function, ast.Attribute) and function.attr in OPENING:
            owner = function.value.id if isinstance(function.value, ast.Name) else ""
            # `replace` of a text and `walk` of a syntax tree are no opening, those of `os` are
            if function.attr not in ("replace", "walk") or owner == "os":
                yield function.attr


def test_nothing_but_the_gates_opens_files() -> None:
    found = set()
    for file in PACKAGE.rglob("*.py"):
        name = file.relative_to(PACKAGE).as_posix()
        if not name.startswith("trees/skeleton/") and any(
            opening_calls(ast.parse(file.read_text("utf-8")))
        ):
            found.add(name)
    assert found - GATES == OTHERS.keys()


def run(folder: Path, *arguments: str, bytes_a_file: int | None = None) -> tuple[int, str]:
    """Status and all output; no file may grow over `bytes_a_file`, as on a full disk."""

    def limit() -> None:
        if bytes_a_file is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_a_file, bytes_a_file))

    done = subprocess.run(
        [*PYTHON, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(folder / ".cache"),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        preexec_fn=limit,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.returncode, done.stdout


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """A repository; what lies beside it is outside."""
    folder = tmp_path / "inside"
    (folder / ".git").mkdir(parents=True)
    return folder


SECRET = "https://user:ghp_secret@github.com"


def test_a_config_is_not_read_through_a_link(inside: Path) -> None:
    (inside.parent / "credentials").write_text(SECRET)
    (inside / "lora.json").symlink_to("../credentials")
    status, named = run(inside, "check", "lora.json")
    assert status == 2
    assert "symbolic link that leaves the repository" in named and "ghp_" not in named
    status, searched = run(inside, "check", ".")
    assert status == 0
    assert "note[LC001]" in searched and "ghp_" not in searched
    (inside / "folder").symlink_to("..")
    status, through = run(inside, "check", "folder/credentials.json")
    assert status == 2 and "ghp_" not in through


def test_links_within_are_read(inside: Path) -> None:
    (inside / "real.json").write_text(json.dumps(QWEN))
    (inside / "configs").mkdir()
    (inside / "configs" / "lora.json").symlink_to("../real.json")
    text = run(inside, "check", "configs/lora.json")[1]
    assert "1 LoRA setting" in text, text


def test_a_file_of_the_hub_cache_is_read(tmp_path: Path) -> None:
    model = tmp_path / "models--x--y"
    (model / "blobs").mkdir(parents=True)
    (model / "blobs" / "abc").write_text(json.dumps(QWEN))
    snapshot = model / "snapshots" / "c0ffee"
    snapshot.mkdir(parents=True)
    (snapshot / "adapter_config.json").symlink_to("../../blobs/abc")
    (tmp_path / "blob").write_text(SECRET)
    (snapshot / "other.json").symlink_to("../../../blob")
    text = run(snapshot, "check", "adapter_config.json")[1]
    assert "1 LoRA setting" in text, text
    assert run(snapshot, "check", "other.json")[0] == 2


def test_a_folder_without_git_is_not_left(tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text(SECRET)
    (folder / "a.yaml").symlink_to("../outside.yaml")
    for where, argument in ((folder, "."), (Path("/"), str(folder))):
        text = run(where, "check", argument)[1]
        assert "symbolic link" in text and "ghp_" not in text


@pytest.mark.parametrize("name", ["loracheck.lock", "loracheck.toml", "pyproject.toml", "b.json"])
def test_what_stands_beside_is_not_read_through_a_link(inside: Path, name: str) -> None:
    outside = inside.parent / "outside"
    outside.write_text('{"version": 1, "findings": [], "models": {}}')
    (inside / "a.json").write_text(json.dumps({**CONFIG, "base_model_name_or_path": "x/y"}))
    (inside / name).symlink_to(outside)
    if name == "b.json":
        (inside / "loracheck.toml").write_text('baseline = "b.json"\n')
    status, text = run(inside, "check", "a.json")
    assert "symbolic link that leaves the repository" in text
    assert status == 2


def test_weights_are_not_read_through_a_link(inside: Path) -> None:
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    outside = inside.parent / "secret.safetensors"
    outside.write_bytes(safetensors({name: ("F32", [8, 1])}))
    (inside / "adapter_config.json").write_text(json.dumps(QWEN))
    (inside / "adapter_model.safetensors").symlink_to(outside)
    status, text = run(inside, "check", ".")
    assert status == 1
    assert "adapter_model.safetensors is a symbolic link that leaves the repository" in text


def test_git_follows_no_gitignore_that_is_a_link(inside: Path) -> None:
    (inside / "a.json").write_text(json.dumps(QWEN))
    (inside / "patterns").write_text("a.json\n")
    (inside / ".gitignore").symlink_to("patterns")
    git = ["git", "-C", str(inside)]
    subprocess.run([*git, "init", "-q"], check=True)
    assert subprocess.run([*git, "check-ignore", "-q", "a.json"], check=False).returncode != 0
    assert "1 LoRA setting" in run(inside, "check", ".")[1]


def test_a_fix_does_not_leave_the_repository(inside: Path) -> None:
    outside = inside.parent / "outside.yaml"
    outside.write_text("peft_type: LORA\nlora_rank: 8\ntarget_modules: [q_proj]\nlora_aplha: 16\n")
    before = outside.read_bytes()
    (inside / "lora.yaml").symlink_to(outside)
    for path in (".", "lora.yaml"):
        run(inside, "check", "--fix", "--unsafe-fixes", path)
        assert outside.read_bytes() == before
    with pytest.raises(OSError, match="symbolic link"):
        edit_file(str(inside / "lora.yaml"), before, b"new")
    assert sorted(p.name for p in inside.iterdir() if p.name.endswith(".tmp")) == []


@pytest.mark.parametrize("kind", ["fifo", "folder", "device", "made up"])
def test_only_regular_files_are_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.json"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = Path({"device": "/dev/zero", "made up": "/proc/self/environ"}[kind])
    with pytest.raises(DocumentError):
        load(str(path))
    if kind in ("fifo", "folder"):
        with pytest.raises(OSError, match="regular file"):
            replace_file(str(path), b"x")


WRITERS = {
    "baseline": ("check", "a.json", "--write-baseline", "target"),
    "page": ("explain", "a.json", "--html", "target"),
    "map": ("explain", "a.json", "--svg", "target"),
    "first config": ("init", "--model", "Qwen/Qwen2.5-7B", "--force", "-o", "target"),
    "lock": ("lock", "a.json", "--file", "target"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_what_was_there(inside: Path, name: str) -> None:
    """And with room the same command writes the file, through no link."""
    (inside / "a.json").write_text(json.dumps({**QWEN, "lora_aplha": 1}))
    target = inside / "target"
    target.write_text("before")
    status, text = run(inside, *WRITERS[name], bytes_a_file=16)
    assert status == 2 and "cannot be written" in text
    assert target.read_text() == "before"
    left = {"a.json", "target", ".git", ".cache"}
    assert {path.name for path in inside.iterdir()} <= left
    outside = inside.parent / "outside"
    outside.write_text("mine")
    target.unlink()
    target.symlink_to(outside)
    run(inside, *WRITERS[name])
    assert outside.read_text() == "mine"
    assert not target.is_symlink() and target.stat().st_size > 100


def test_a_full_disk_leaves_a_fixed_file_as_it_was(inside: Path) -> None:
    path = inside / "a.yaml"
    path.write_text("peft_type: LORA\nr: 8\ntarget_modules: [q_proj]\nlora_aplha: 16\n")
    before = path.read_bytes()
    text = run(inside, "check", "--fix", "--unsafe-fixes", "a.yaml", bytes_a_file=16)[1]
    assert "not written" in text and path.read_bytes() == before
    run(inside, "check", "--fix", "--unsafe-fixes", "a.yaml")
    assert path.read_bytes() != before
    assert not list(inside.glob(".*.tmp"))


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB; skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    try:
        done = subprocess.run(mounted, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount here")
    if done.returncode:
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_is_full(full_disk: Path) -> None:
    """A real one: the page of a config has some 100 kB, so that half of it could be written."""
    (full_disk / "a.json").write_text(json.dumps(QWEN))
    target = full_disk / "target"
    target.write_text("before")
    filler = full_disk / "filler"
    with pytest.raises(OSError, match="space"), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    status, text = run(full_disk, "explain", "a.json", "--html", "target")
    assert status == 2 and "target cannot be written: No space left on device" in text
    assert target.read_text() == "before"
    assert not list(full_disk.glob(".*.tmp"))


def test_a_new_file_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    write_new_file(str(path), b"one")
    with pytest.raises(FileExistsError):
        write_new_file(str(path), b"two")
    assert path.read_bytes() == b"one"
    assert [each.name for each in tmp_path.iterdir()] == ["new.json"]
