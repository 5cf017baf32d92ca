"""The interactive side of `loracheck explain`: which of its three forms fits where it runs.

A terminal with textual gets the explorer, a terminal without it the plain dialogue, and a pipe
neither: nothing here ever waits for an answer that cannot come.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import Literal

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.explorer.view_options import ViewOptions

Interface = Literal["explorer", "dialogue", "text"]

TOPICS_HELP = """\
`loracheck explain TOPIC` explains
  a config file  what it will do to its model: loracheck explain adapter_config.json
  two of them    how they differ in effect:    loracheck explain a.yaml b.yaml
  a field        loracheck explain lora_alpha
  a rule         loracheck explain LC202
  a model        what LoRA can target in it:   loracheck explain Qwen/Qwen3-8B
Without a topic, in a terminal, it opens a file or a model to try things out."""
"""What is said where nobody can answer."""


def choose_interface() -> Interface:
    """What fits the terminal at hand. A dumb one cannot draw the explorer."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "text"
    drawable = os.environ.get("TERM", "") not in ("", "dumb") or os.name == "nt"
    return "explorer" if drawable and find_spec("textual") is not None else "dialogue"


def interact(topic: str | None, options: ViewOptions) -> str | None:
    """Open the explorer or the dialogue on a file, a new config for a model, or with the question
    which one; gives the reason where the topic cannot be opened.

    To be called where `form` is not "text".
    """
    from loracheck.explorer.field_edit import EditRefusal
    from loracheck.explorer.session import create_config, open_config

    state = None
    if topic is not None:
        result = (
            open_config(topic, options) if os.path.isfile(topic) else create_config(topic, options)
        )
        if isinstance(result, EditRefusal):
            return result.reason
        state = result
    if choose_interface() == "explorer":
        from loracheck.explorer.app import Explorer

        Explorer(state, options).run()
    else:
        from loracheck.explorer.guided_questions import run_questions

        run_questions(state, options)
    return None
