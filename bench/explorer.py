"""How long a keystroke takes in the explorer: `python -m bench.explorer`; with `--picture FILE` the
explorer as an SVG instead (`docs/images/explorer.svg` is made so).

For each model a regular expression is typed letter by letter into target_modules. "judged" is the
edit of the file's text, reading it back, plan, findings and numbers; "on the screen" is from the
key to the repainted screen, textual included (without a terminal, 120 by 40), and "processor" the
time that takes of one core, which is the figure to look at on a busy machine.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import time
from pathlib import Path

from textual import events

from loracheck.explorer import state as transitions
from loracheck.explorer.app import Explorer
from loracheck.explorer.form import Form
from loracheck.explorer.session import create_config, open_config
from loracheck.explorer.state import State
from loracheck.explorer.view import build_view

MODELS = ("meta-llama/Meta-Llama-3-8B", "Qwen/Qwen3-30B-A3B", "Qwen/Qwen2.5-VL-7B-Instruct")
TYPED_TEXT = r".*\.layers\.(1?[0-9])\.(self_attn|mlp)\.(q|k|v|o|gate|up|down)_proj"
LIMIT = 50.0
"""Milliseconds after which typing feels slow."""


def _new_state(model: str) -> State:
    found = create_config(model)
    if not isinstance(found, State):
        raise SystemExit(found.reason)
    return found


def measure_judging(model: str) -> list[float]:
    """Milliseconds of each keystroke without the screen."""
    state, times = _new_state(model), []
    build_view(state)  # what is imported and read once, when the file is opened
    for end in range(1, len(TYPED_TEXT) + 1):
        start = time.perf_counter()
        state = transitions.set_value(state, "target_modules", TYPED_TEXT[:end])
        build_view(state)
        times.append((time.perf_counter() - start) * 1000)
    return times


class TimedExplorer(Explorer):
    """The explorer, telling when what an edit changed is on the screen."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.shown = asyncio.Event()

    def apply(self, state: State) -> None:
        """Also tell."""
        super().apply(state)
        self.call_after_refresh(self.shown.set)


async def _measure_typing(model: str) -> tuple[list[float], list[float]]:
    app, times, used = TimedExplorer(_new_state(model)), [], []
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        app.query_one(Form).enter("target_modules")
        await pilot.press("ctrl+u")
        for char in TYPED_TEXT:
            app.shown.clear()
            key = events.Key(char, char)
            key.set_sender(app)
            start, begin = time.perf_counter(), time.process_time()
            app.post_message(key)
            await app.shown.wait()
            times.append((time.perf_counter() - start) * 1000)
            used.append((time.process_time() - begin) * 1000)
    return times, used


async def _write_picture(path: str) -> None:
    """The wrong Phi-3 config as it is opened, at the field that is wrong."""
    found = open_config("examples/phi3_llama_names.json")
    app = Explorer(found if isinstance(found, State) else None)
    async with app.run_test(size=(112, 34)) as pilot:
        await pilot.pause()
        app.query_one(Form).enter("target_modules")
        await pilot.pause()
        svg = app.export_screenshot(title="loracheck explain phi3_llama_names.json -i")
    # The fonts that textual names would be fetched from the network by whoever shows the picture.
    svg = re.sub(r"@font-face\s*\{[^}]*\}\s*", "", svg)
    Path(path).write_text(svg, encoding="utf-8", newline="\n")


def _format_row(model: str, what: str, times: list[float]) -> str:
    ordered = sorted(times)
    near = ordered[int(len(ordered) * 0.95)]
    over = sum(one > LIMIT for one in times)
    return (
        f"{model:<30}{what:<16}{statistics.median(times):8.1f} ms{near:8.1f} ms"
        f"{ordered[-1]:8.1f} ms{over:6} of {len(times)}"
    )


def main() -> None:
    """Measure and print, or draw."""
    if sys.argv[1:2] == ["--picture"]:
        asyncio.run(_write_picture(sys.argv[2]))
        return
    head = f"{'median':>11}{'95 %':>11}{'slowest':>11}   over {LIMIT:.0f} ms"
    print(f"{'':<46}{head}")
    for model in MODELS:
        print(_format_row(model, "judged", measure_judging(model)))
        times, used = asyncio.run(_measure_typing(model))
        print(_format_row(model, "on the screen", times))
        print(_format_row(model, "processor", used))


if __name__ == "__main__":
    main()
