"""`SettingsFile`: the content of a `loracheck.toml` or of `[tool.loracheck]`, read and checked."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class SettingsFile(NamedTuple):
    """The values of a settings file; None or empty for a key that it does not have.

    Each field is the key of that name in `settings_keys.KEYS`, where its meaning stands, but for
    the first two.
    """

    file: str | None = None
    """Path of the file."""

    root: str = "."
    """The file's folder, absolute: paths and patterns in the file are relative to it."""

    required_version: str | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    respect_gitignore: bool | None = None
    fail_on: str | None = None
    model: str | None = None
    models: tuple[tuple[str, str], ...] = ()
    peft: str | None = None
    transformers: str | None = None
    serve: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    policies: tuple[tuple[str, tuple[str, ...]], ...] = ()
    format: str | None = None
    online: bool | None = None
    baseline: str | None = None
    rules: tuple[tuple[str, dict[str, Any]], ...] = ()
