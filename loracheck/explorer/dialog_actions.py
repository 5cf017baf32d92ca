"""The explorer's dialogs: what each is asked, and what is done with the answer."""

from __future__ import annotations

import os

from loracheck.explain.write import WRITABLE_TOOLS
from loracheck.type_checking import TYPE_CHECKING

from . import state as transitions
from .autocomplete import AutocompleteDialog, filter_names
from .copy_dialog import CopyDialog
from .dialogs import HelpDialog, QuestionDialog
from .file_suggestions import complete_path, find_configs
from .help_text import build_help_text
from .save_dialog import SaveDialog
from .save_file import SaveError, save
from .session import DEFAULT_TOOL, create_config, open_config
from .state import State
from .view_options import explain_unknown_server, list_models, list_releases, list_servers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .field_edit import EditRefusal
    from .view import View
    from .view_options import ViewOptions

NEW_CONFIG = "new:"


def _filter_by(names: list[str]) -> Callable[[str], Sequence[tuple[str, str]]]:
    """Those of the names that have the text in them."""
    return lambda text: [(name, name) for name in names if text.lower() in name.lower()]


class DialogActions:
    """Mixed into the app: everything that asks before it does something."""

    state: State | None
    view: View | None
    options: ViewOptions
    push_screen: Any
    notify: Any
    exit: Any
    apply: Callable[..., None]
    start: Callable[[State], None]
    query_one: Any

    def action_open(self) -> None:
        """Open a file, or begin a new config."""
        self._ask_file("")

    def _ask_file(self, path: str) -> None:
        configs = find_configs()

        def list_matching_files(text: str) -> Sequence[tuple[str, str]]:
            if text:
                near = [
                    (path, description)
                    for path, description in configs
                    if text.lower() in path.lower()
                ]
                rest = [entry for entry in complete_path(text) if entry[0] not in dict(near)]
                return [(path, f"{path}  {description}") for path, description in near] + rest
            new = [(NEW_CONFIG, "a new config for a model ...")]
            return new + [(path, f"{path}  {description}") for path, description in configs]

        hint = "A config file. Those that set LoRA up below this folder are listed."
        self.push_screen(
            AutocompleteDialog("Open", hint, list_matching_files, text=path, first=1), self._open
        )

    def _open(self, path: str | None) -> None:
        if path is None:
            if self.state is None:
                self.exit()
            return
        if path == NEW_CONFIG:
            self._ask_model("A new config for", self._begin)
        elif os.path.isdir(path):
            self._ask_file(os.path.join(path, ""))
        else:
            self._leave(
                lambda: self._start_or_notify(open_config(path, self._build_new_file_options()))
            )

    def _begin(self, model: str | None) -> None:
        if model is None:
            if self.state is None:
                self.action_open()
            return

        def start_config(tool: str | None) -> None:
            if tool is not None:
                self._leave(
                    lambda: self._start_or_notify(
                        create_config(model, self._build_new_file_options(), tool)
                    )
                )

        forms = {DEFAULT_TOOL: WRITABLE_TOOLS[DEFAULT_TOOL].title} | {
            name: form.title for name, form in WRITABLE_TOOLS.items()
        }
        self.push_screen(QuestionDialog(f"A new config for {model} as", forms), start_config)

    def _start_or_notify(self, result: State | EditRefusal) -> None:
        """Begin with what was opened, or say why it could not be."""
        if isinstance(result, State):
            self.start(result)
            return
        self.notify(result.reason, severity="error", timeout=8)
        if self.state is None:
            self.action_open()

    def _build_new_file_options(self) -> ViewOptions:
        """How another file is looked at: as this one, but with its own model."""
        return self.state.options._replace(model=None) if self.state else self.options

    def _leave(self, go: Callable[[], None]) -> None:
        """Go on at once, or after asking what becomes of unsaved changes."""
        if self.state is None or not self.state.past or not self.state.is_changed:
            go()
            return

        def go_on(answer: str | None) -> None:
            path = self.state.path if self.state else ""
            if answer == "drop" or (answer == "save" and self._save(path)):
                go()

        name = self.state.path or "the new config"
        answers = {"save": "save and go on", "drop": "drop the changes", "stay": "stay here"}
        if not self.state.path:
            del answers["save"]
        self.push_screen(QuestionDialog(f"{name} has changes that are not saved.", answers), go_on)

    def action_finish(self) -> None:
        """Leave the explorer."""
        self._leave(self.exit)

    def action_model(self) -> None:
        """Look at the config with another model."""
        self._ask_model("Look at it with the model", self._look_at)

    def _ask_model(self, title: str, then: Callable[[str | None], None]) -> None:
        def list_matching_models(text: str) -> Sequence[tuple[str, str]]:
            local = complete_path(text) if text[:1] in "./~" and text else []
            files = [entry for entry in local if entry[0].endswith((os.sep, ".json"))]
            return files + [(name, name) for name in filter_names(list_models(), text)]

        subtitle = (
            "A Hub id (bundled ones are listed), a folder with a config.json, or the file itself."
        )
        self.push_screen(AutocompleteDialog(title, subtitle, list_matching_models), then)

    def _look_at(self, model: str | None) -> None:
        if model is None or self.state is None or self.view is None:
            return
        same_model = model == self.view.model
        options = self.state.options._replace(model=None if same_model else model)
        self.apply(transitions.set_options(self.state, options))
        if not same_model:
            self.notify("only looked at: the model row of the form writes it into the file")

    def action_peft(self) -> None:
        """Judge by another PEFT release."""
        names = ["newest", *list_releases()]

        def choose_release(name: str | None) -> None:
            if name is not None and self.state is not None:
                options = self.state.options._replace(peft=None if name == "newest" else name)
                self.apply(transitions.set_options(self.state, options))

        subtitle = "Fields and targets are judged by it."
        self.push_screen(
            AutocompleteDialog("PEFT release", subtitle, _filter_by(names), free=False),
            choose_release,
        )

    def action_serve(self) -> None:
        """Ask what a server makes of the adapter."""
        names = ["none", *list_servers()]

        def choose_server(name: str | None) -> None:
            if name is None or self.state is None:
                return
            reason = explain_unknown_server(name) if name != "none" else None
            if reason:
                self.notify(reason, severity="warning")
                return
            options = self.state.options._replace(serve=None if name == "none" else name)
            self.apply(transitions.set_options(self.state, options))

        subtitle = "What it refuses shows among the findings. A release: vllm==0.11"
        self.push_screen(
            AutocompleteDialog("Served by", subtitle, _filter_by(names)), choose_server
        )

    def action_save(self) -> None:
        """Show what would change in the file, and write it."""
        if self.state is not None:
            self.push_screen(SaveDialog(self.state), self._save_if_named)

    def _save_if_named(self, path: str | None) -> None:
        if path:
            self._save(path)

    def _save(self, path: str) -> bool:
        if self.state is None:
            return False
        try:
            self.apply(save(self.state, path))
        except SaveError as error:
            self.notify(str(error), severity="error", timeout=8)
            return False
        unwritten = ", ".join(self.state.held_values)
        if unwritten:
            self.notify(
                f"saved {path} without {unwritten}, which the file cannot take",
                severity="warning",
                timeout=8,
            )
        else:
            self.notify(f"saved {path}")
        return True

    def action_copy(self) -> None:
        """The config in another tool's words."""
        if self.view is not None:
            self.push_screen(CopyDialog(self.view))

    def action_help(self) -> None:
        """Keys, signs, and the page of the field at hand."""
        field = self.query_one("#form").field if self.view is not None else None
        self.push_screen(HelpDialog(build_help_text(field)))
