"""`python -m fuzz DOOR [libFuzzer's options]`, or `python -m fuzz --minutes 30` for all in turn."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SLOW = 10
"""Seconds after which an input counts as a hang."""
MEMORY = 1500
"""Megabytes."""


def fuzz_door(name: str, options: list[str]) -> None:
    """Fuzz one door until libFuzzer ends the process."""
    import atheris

    from fuzz.corpus import seeds, write_seeds

    with atheris.instrument_imports(include=["loracheck"]):
        from fuzz.doors import DOORS

        # Much is imported when it is first needed; what comes later would not be instrumented.
        for data in seeds(name):
            DOORS[name](data)

    work, crashes = HERE / "work" / name, HERE / "crashes"
    crashes.mkdir(exist_ok=True)
    write_seeds(name, work)
    atheris.Setup(
        [sys.argv[0], str(work), f"-dict={HERE / 'words.dict'}", f"-timeout={SLOW}",
         f"-rss_limit_mb={MEMORY}", f"-artifact_prefix={crashes}/{name}-", *options],
        DOORS[name],
    )  # fmt: skip
    atheris.Fuzz()


def fuzz_all(minutes: float) -> int:
    """Fuzz every door in turn, in equal parts of the time; 1 where one failed."""
    from fuzz.doors import DOORS

    seconds, failed = max(1, int(minutes * 60 / len(DOORS))), []
    for name in DOORS:
        command = [sys.executable, "-m", "fuzz", name, f"-max_total_time={seconds}"]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    sys.stderr.write(f"{len(DOORS)} doors, failed: {', '.join(failed) or 'none'}\n")
    return int(bool(failed))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("door", nargs="?")
    parser.add_argument("--minutes", type=float, default=30)
    known, options = parser.parse_known_args()
    if known.door is None:
        sys.exit(fuzz_all(known.minutes))
    fuzz_door(known.door, options)


if __name__ == "__main__":
    main()
