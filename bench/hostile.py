"""Hostile files of this program's own before loracheck, check-jsonschema, yamllint and cfn-lint.

`python -m bench.hostile [--bin FOLDER] [--limit SECONDS]` prints a table: seconds, megabytes, exit
status, and TB where a traceback was printed. Tools that are not in FOLDER or on the PATH are left
out (extra `bench`; cfn-lint in an environment of its own). The status is 1 where loracheck hangs,
prints a traceback, or exits with anything but 0 to 3.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "schemas" / "adapter_config.schema.json"
LORA = b'{"peft_type": "LORA", "r": 8, "target_modules": '


def make_files(folder: Path) -> list[Path]:
    """Write the hostile files, and give them in the table's order."""
    bomb = b"a0: &a0 [x]\n" + b"".join(
        b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 10)
    )
    texts = {
        "alias-bomb.yaml": bomb,
        "nested.json": b"[" * 100_000,
        "nested-flow.yaml": b"[" * 5_000 + b"]" * 5_000,
        "nested-block.yaml": b"".join(b" " * n + b"a:\n" for n in range(2_000)),
        "tag.yaml": b"!!python/object/apply:os.system ['true']\n",
        "duplicate.json": b'{"peft_type": "LORA", "r": 8, "r": 9}',
        "nan.json": b'{"peft_type": "LORA", "r": NaN}',
        "float.json": b'{"peft_type": "LORA", "lora_alpha": 1e400}',
        "digits.json": b'{"peft_type": "LORA", "r": ' + b"9" * 5_000 + b"}",
        "hex.yaml": b"peft_type: LORA\nr: 0x" + b"f" * 4_000 + b"\n",
        "latin-1.json": b'{"a": "\xe9"}',
        "random.json": bytes(range(256)) * 8,
        "nul.yaml": b"r: 8\0\n",
        "nul-name.json": b'{"peft_type": "LORA", "base_model_name_or_path": "a/b\\u0000"}',
        "surrogate.json": LORA + b'["\\ud800"]}',
        "escape.json": LORA + b'["\\u001b]52;c;eA==\\u0007"]}',
        "regex.json": LORA + b'"(.*)*x"}',
        "regex-nested.json": LORA + b'"' + b"(?:" * 400 + b"a*" + b")*" * 400 + b'"}',
        "replication.json": LORA + b'["q"], "layer_replication": [[0, 1000000000]]}',
        "values.json": b'{"a": [' + b"1," * 240_000 + b"1]}",
        "names.json": LORA + json.dumps([f"m{n}" for n in range(4_000)]).encode() + b"}",
        "braces.yaml": b"a: '" + b"{{" * 20_000 + b"'\n",
        "parentheses.py": b"x = " + b"(" * 3_000 + b")" * 3_000,
        "large.json": b'{"a": "' + b"x" * (51 << 20) + b'"}',
    }
    for name, text in texts.items():
        (folder / name).write_bytes(text)
    paths = [folder / name for name in texts]
    for name in ("fifo.json", "zero.json", "loop.json"):
        paths.append(folder / name)
    if hasattr(os, "mkfifo"):
        os.mkfifo(paths[-3])
    paths[-2].symlink_to("/dev/zero")
    paths[-1].symlink_to(paths[-1])
    return paths


class Outcome(NamedTuple):
    """What a tool did with a file."""

    seconds: float
    megabytes: float
    status: int | None
    """None where it was stopped at the limit."""
    traceback: bool
    processor: float
    """Seconds of processor time, which do not depend on what else the machine does."""


def measure(command: list[str], limit: float, folder: Path) -> Outcome:
    """Run a command. Memory is the largest resident set, of a process that starts from a small one
    so that this program's own is not counted.
    """
    report, output = folder / "rusage", folder / "output"
    program = (
        "import json,resource,subprocess,sys\n"
        "limit,report,output,*command=sys.argv[1:]\n"
        "with open(output,'wb') as out:\n"
        "  try: s=subprocess.run(command,stdin=subprocess.DEVNULL,stdout=out,"
        "stderr=subprocess.STDOUT,timeout=float(limit)).returncode\n"
        "  except subprocess.TimeoutExpired: s=None\n"
        "u=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "json.dump([s,u.ru_maxrss,u.ru_utime+u.ru_stime],open(report,'w'))\n"
    )
    start = time.monotonic()
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, str(limit), str(report), str(output), *command],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30)),
        check=True,
    )
    seconds = time.monotonic() - start
    status, kilobytes, processor = json.loads(report.read_text())
    with output.open("rb") as file:
        told = file.read(1 << 20)
    traceback = b"Traceback (most recent" in told
    return Outcome(seconds, kilobytes / 1024, status, traceback, processor)


def find_tools(folder: str | None) -> dict[str, list[str]]:
    """The tools that are there, with the words before the file's name."""
    path = os.pathsep.join(filter(None, [folder, os.environ.get("PATH")]))
    tools = {"loracheck": [sys.executable, "-P", "-m", "loracheck", "check", "--isolated"]}
    for name, words in (
        ("check-jsonschema", ["--schemafile", str(SCHEMA)]),
        ("yamllint", []),
        ("cfn-lint", []),
    ):
        if program := shutil.which(name, path=path):
            tools[name] = [program, *words]
    return tools


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin")
    parser.add_argument("--limit", type=float, default=20)
    known = parser.parse_args()
    tools, faults = find_tools(known.bin), 0
    print("| file |" + "".join(f" {name}: s | MB | status | |" for name in tools))
    print("| --- |" + " --- | --- | --- | --- |" * len(tools))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in make_files(folder):
            cells = [path.name]
            for tool, words in tools.items():
                one = measure([*words, str(path)], known.limit, folder)
                status = "HANG" if one.status is None else str(one.status)
                cells += [f"{one.seconds:.2f}", f"{one.megabytes:.0f}", status]
                cells.append("TB" if one.traceback else "")
                if tool == "loracheck":
                    faults += one.traceback or one.status not in range(4)
            print(f"| {' | '.join(cells)} |", flush=True)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
