"""The explorer's dialogs: what each is asked, and what is done with the answer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from loracheck.explain.write import WRITABLE_TOOLS

from . import state as moves
from .autocomplete import Pick, fitting
from .copy_dialog import Copy
from .dialogs import Ask, Help
from .file_search import configs, listing
from .help_text import help_text
from .save_dialog import Save
from .save_file import NotSavedError, saved
from .session import PLAIN, fresh, opened
from .state import State
from .view_options import known_models, releases, servers, unknown_server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .field_edit import Refused
    from .view import View
    from .view_options import Look

NEW = "new:"


def _among(names: list[str]) -> Callable[[str], Sequence[tuple[str, str]]]:
    """Those of the names that have the text in them."""
    return lambda text: [(name, name) for name in names if text.lower() in name.lower()]


class Dialogs:
    """Mixed into the app: everything that asks before it does something."""

    state: State | None
    view: View | None
    look: Look
    push_screen: Any
    notify: Any
    exit: Any
    apply: Callable[..., None]
    start: Callable[[State], None]
    query_one: Any

    def action_open(self) -> None:
        """Open a file, or begin a new config."""
        self._ask_file("")

    def _ask_file(self, begun: str) -> None:
        found = configs()

        def entries(text: str) -> Sequence[tuple[str, str]]:
            if text:
                near = [(path, told) for path, told in found if text.lower() in path.lower()]
                rest = [entry for entry in listing(text) if entry[0] not in dict(near)]
                return [(path, f"{path}  {told}") for path, told in near] + rest
            new = [(NEW, "a new config for a model ...")]
            return new + [(path, f"{path}  {told}") for path, told in found]

        told = "A config file. Those that set LoRA up below this folder are listed."
        self.push_screen(Pick("Open", told, entries, text=begun, first=1), self._open)

    def _open(self, path: str | None) -> None:
        if path is None:
            if self.state is None:
                self.exit()
            return
        if path == NEW:
            self._ask_model("A new config for", self._begin)
        elif os.path.isdir(path):
            self._ask_file(os.path.join(path, ""))
        else:
            self._leave(lambda: self._started_with(opened(path, self._asked())))

    def _begin(self, model: str | None) -> None:
        if model is None:
            if self.state is None:
                self.action_open()
            return

        def chosen(tool: str | None) -> None:
            if tool is not None:
                self._leave(lambda: self._started_with(fresh(model, self._asked(), tool)))

        forms = {PLAIN: WRITABLE_TOOLS[PLAIN].title} | {
            name: form.title for name, form in WRITABLE_TOOLS.items()
        }
        self.push_screen(Ask(f"A new config for {model} as", forms), chosen)

    def _started_with(self, found: State | Refused) -> None:
        """Begin with what was opened, or say why it could not be."""
        if isinstance(found, State):
            self.start(found)
            return
        self.notify(found.reason, severity="error", timeout=8)
        if self.state is None:
            self.action_open()

    def _asked(self) -> Look:
        """How another file is looked at: as this one, but with its own model."""
        return self.state.look._replace(model=None) if self.state else self.look

    def _leave(self, go: Callable[[], None]) -> None:
        """Go on at once, or after asking what becomes of unsaved changes."""
        if self.state is None or not self.state.past or not self.state.changed:
            go()
            return

        def answered(answer: str | None) -> None:
            path = self.state.path if self.state else ""
            if answer == "drop" or (answer == "save" and self._save(path)):
                go()

        name = self.state.path or "the new config"
        answers = {"save": "save and go on", "drop": "drop the changes", "stay": "stay here"}
        if not self.state.path:
            del answers["save"]
        self.push_screen(Ask(f"{name} has changes that are not saved.", answers), answered)

    def action_finish(self) -> None:
        """Leave the explorer."""
        self._leave(self.exit)

    def action_model(self) -> None:
        """Look at the config with another model."""
        self._ask_model("Look at it with the model", self._look_at)

    def _ask_model(self, title: str, then: Callable[[str | None], None]) -> None:
        def entries(text: str) -> Sequence[tuple[str, str]]:
            local = listing(text) if text[:1] in "./~" and text else []
            files = [entry for entry in local if entry[0].endswith((os.sep, ".json"))]
            return files + [(name, name) for name in fitting(known_models(), text)]

        told = (
            "A Hub id (bundled ones are listed), a folder with a config.json, or the file itself."
        )
        self.push_screen(Pick(title, told, entries), then)

    def _look_at(self, model: str | None) -> None:
        if model is None or self.state is None or self.view is None:
            return
        own = model == self.view.model
        look = self.state.look._replace(model=None if own else model)
        self.apply(moves.looked(self.state, look))
        if not own:
            self.notify("only looked at: the model row of the form writes it into the file")

    def action_peft(self) -> None:
        """Judge by another PEFT release."""
        names = ["newest", *releases()]

        def picked(name: str | None) -> None:
            if name is not None and self.state is not None:
                look = self.state.look._replace(peft=None if name == "newest" else name)
                self.apply(moves.looked(self.state, look))

        told = "Fields and targets are judged by it."
        self.push_screen(Pick("PEFT release", told, _among(names), free=False), picked)

    def action_serve(self) -> None:
        """Ask what a server makes of the adapter."""
        names = ["none", *servers()]

        def picked(name: str | None) -> None:
            if name is None or self.state is None:
                return
            reason = unknown_server(name) if name != "none" else None
            if reason:
                self.notify(reason, severity="warning")
                return
            look = self.state.look._replace(serve=None if name == "none" else name)
            self.apply(moves.looked(self.state, look))

        told = "What it refuses shows among the findings. A release: vllm==0.11"
        self.push_screen(Pick("Served by", told, _among(names)), picked)

    def action_save(self) -> None:
        """Show what would change in the file, and write it."""
        if self.state is not None:
            self.push_screen(Save(self.state), self._saved)

    def _saved(self, path: str | None) -> None:
        if path:
            self._save(path)

    def _save(self, path: str) -> bool:
        if self.state is None:
            return False
        try:
            self.apply(saved(self.state, path))
        except NotSavedError as error:
            self.notify(str(error), severity="error", timeout=8)
            return False
        self.notify(f"saved {path}")
        return True

    def action_copy(self) -> None:
        """The config in another tool's words."""
        if self.view is not None:
            self.push_screen(Copy(self.view))

    def action_help(self) -> None:
        """Keys, signs, and the page of the field at hand."""
        field = self.query_one("#form").field if self.view is not None else None
        self.push_screen(Help(help_text(field)))
