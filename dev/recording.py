"""`python -m dev.recording`: docs/images/editor.svg, a wrong config that is mended in Neovim.

A real Neovim with the real server runs in a terminal of this program's own; pictures of its screen
follow each other in the SVG. Needs `nvim` (0.7 or newer), the extras `lsp` and `docs`, and pyte. A
test holds the words in the pictures against what the check says today.
"""

from __future__ import annotations

import fcntl
import html
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
IMAGE = ROOT / "docs" / "images" / "editor.svg"
COLUMNS, ROWS = 108, 20
TEXT = """\
base_model: microsoft/Phi-3-mini-4k-instruct
adapter: lora
lora_r: 16
lora_alpha: 32
lora_target_modules:
  - q_proj
  - o_proj
"""
SETTINGS = """\
set nomore noswapfile noshowcmd noruler shortmess+=I termguicolors signcolumn=yes
set omnifunc=v:lua.vim.lsp.omnifunc
set completeopt=menu,menuone laststatus=0 cmdheight=1
colorscheme slate
highlight SignColumn guibg=NONE
highlight NormalFloat guibg=#3a3a3a guifg=#ffffff
highlight Pmenu guibg=#3a3a3a guifg=#ffffff
highlight PmenuSel guibg=#2676ab guifg=#ffffff
lua SERVER = {name = "loracheck", cmd = {"%s", "-m", "loracheck", "lsp"}}
autocmd FileType yaml lua vim.lsp.buf_attach_client(0, vim.lsp.start_client(SERVER))
lua vim.diagnostic.config({virtual_text = {prefix = "■"}, severity_sort = true})
"""


class Step(NamedTuple):
    """Keys that are typed, a word that the screen then has, and how long it is shown."""

    keys: str
    wait_for: str
    seconds: float
    told: str


STEPS = (
    Step("", "matches no module", 3.0, "Llama's target names, for Phi-3: the file is opened"),
    Step(
        ":call cursor(6, 6)\r:lua vim.lsp.buf.hover()\r", "matches 0", 3.5, "what an entry reaches"
    ),
    Step("l:lua vim.lsp.buf.code_action()\r", "qkv_proj", 3.0, "the fixes that are offered"),
    Step("1\r", "- qkv_proj", 2.5, "the first one is taken: nothing is left to say"),
    Step("Go- gate\x18\x0f", "gate_up_proj", 3.5, "names of the model's modules, with counts"),
    Step("\x19\x1b:w\r", "written", 2.5, "mended, without leaving the editor"),
)


def record() -> list[tuple[Step, Any]]:
    """Each step with the screen after it. RuntimeError for a word that does not come."""
    import pyte

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "lora.yaml").write_text(TEXT, "utf-8")
        (work / "init.vim").write_text(SETTINGS % sys.executable, "utf-8")
        screen = pyte.Screen(COLUMNS, ROWS)
        stream = pyte.ByteStream(screen)
        editor, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        command = ["nvim", "-u", "init.vim", "-i", "NONE", "lora.yaml"]
        environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        environment |= {f"XDG_{name}_HOME": folder for name in ("STATE", "CACHE", "DATA", "CONFIG")}
        done = subprocess.Popen(
            command, cwd=work, env=environment, stdin=terminal, stdout=terminal, stderr=terminal
        )
        try:
            return [(step, _take(editor, screen, stream, step)) for step in STEPS]
        finally:
            done.kill()
            done.wait()


def _take(editor: int, screen: Any, stream: Any, step: Step) -> Any:
    """The cells of the screen when it has the word and has come to rest."""
    os.write(editor, step.keys.encode())
    end, quiet = time.monotonic() + 90, 0.0
    while time.monotonic() < end:
        ready, _, _ = select.select([editor], [], [], 0.2)
        if ready:
            stream.feed(os.read(editor, 65536))
            quiet = 0.0
            continue
        quiet += 0.2
        if quiet > 1 and any(step.wait_for in row for row in screen.display):
            return [[screen.buffer[y][x] for x in range(COLUMNS)] for y in range(ROWS)]
    raise RuntimeError(f"{step.wait_for!r} never came:\n" + "\n".join(screen.display))


CELL, LINE, EDGE, HEAD = 8.4, 19, 16, 46
GROUND, INK = "#1c1c1c", "#bcbcbc"


def draw(frames: list[tuple[Step, Any]]) -> str:
    """The SVG with all frames, each shown for its time."""
    whole = sum(step.seconds for step, _ in frames)
    width, height = COLUMNS * CELL + 2 * EDGE, ROWS * LINE + HEAD + EDGE
    parts, rules, begin = [], [], 0.0
    for number, (step, cells) in enumerate(frames):
        end = begin + step.seconds
        low, high = 100 * begin / whole, 100 * end / whole
        rules.append(
            f"@keyframes f{number} {{ 0%, {low:.2f}% {{ opacity: {int(number == 0)}; }} "
            f"{low + 0.01:.2f}%, {high:.2f}% {{ opacity: 1; }} "
            f"{min(high + 0.01, 100):.2f}%, 100% {{ opacity: 0; }} }}\n"
            f".f{number} {{ animation: f{number} {whole:g}s step-end infinite; }}"
        )
        parts.append(f'<g class="f{number}">{_draw_frame(step, cells)}</g>')
        begin = end
    font = "14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"
    style = (
        f"text {{ font: {font}; white-space: pre; }}\n"
        + "\n".join(rules)
        + "\n@media (prefers-reduced-motion: reduce) { g { animation: none !important; } "
        "g:not(.f0) { opacity: 0; } }"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">'
        "<title>A config with Llama's target names for Phi-3, mended in Neovim</title>"
        f"<style>{style}</style>"
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{GROUND}"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _draw_frame(step: Step, cells: Any) -> str:
    said = f'<text x="{EDGE}" y="28" fill="#8ab8f5">{html.escape(step.told)}</text>'
    return said + "".join(_draw_row(row, number) for number, row in enumerate(cells))


def _draw_row(row: Any, number: int) -> str:
    """Runs of cells that look the same, as boxes and texts."""
    top, at, parts = HEAD + number * LINE, 0, []
    for (ink, ground, bold), run in groupby(row, _look):
        cells = list(run)
        words, left = "".join(cell.data for cell in cells), EDGE + at * CELL
        at += len(cells)
        if ground != GROUND:
            parts.append(
                f'<rect x="{left:.1f}" y="{top}" width="{len(cells) * CELL:.1f}" height="{LINE}" '
                f'fill="{ground}"/>'
            )
        if words.strip():
            weight = ' font-weight="bold"' if bold else ""
            parts.append(
                f'<text x="{left:.1f}" y="{top + 14}" fill="{ink}"{weight} '
                f'textLength="{len(cells) * CELL:.1f}">{html.escape(words)}</text>'
            )
    return "".join(parts)


def _look(cell: Any) -> tuple[str, str, bool]:
    ink, ground = _colour(cell.fg, INK), _colour(cell.bg, GROUND)
    return (ground, ink, cell.bold) if cell.reverse else (ink, ground, cell.bold)


def _colour(name: str, usual: str) -> str:
    if name == "default":
        return usual
    plain = {"brown": "#d7af5f", "black": "#1c1c1c"}
    return f"#{name}" if len(name) == 6 and name not in plain else plain.get(name, name)


if __name__ == "__main__":
    IMAGE.write_text(draw(record()), encoding="utf-8", newline="\n")
    print(f"wrote {IMAGE.relative_to(ROOT)}")
