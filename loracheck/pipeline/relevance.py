"""The first look at a file of a search: most have nothing to do with LoRA, and cost no more."""

from __future__ import annotations

from os.path import dirname, sep

from loracheck.documents import load_config
from loracheck.documents.model import DocumentError
from loracheck.documents.repository import is_folder_outside_repository
from loracheck.documents.source import load_plain
from loracheck.tools.core.quick_look import may_set_lora

ADAPTER_FILE = "adapter_config.json"
"""PEFT's file, which is read whatever words it has."""

WEIGHTS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".pkl")
"""Ends of the names of files of weights, which `lora_file` reads by their header or names alone."""


def is_unrelated(path: str) -> bool:
    """Whether a file certainly sets no LoRA up. False where it cannot be read: whoever checks it
    says why.
    """
    return Search().is_unrelated(path)


class Search:
    """The first looks of one run. Most files come folder by folder, of which some things are to be
    known but once.
    """

    def __init__(self) -> None:
        self._folder: str | None = None
        self._is_outside = True
        self._related: tuple[str, bytes] | None = None

    def is_unrelated(self, path: str) -> bool:
        """As the function of that name."""
        slash = path.rfind(sep) + 1
        name = path[slash:]
        dot = name.rfind(".")
        suffix = name[dot:].lower() if dot > 0 else ""
        if name == ADAPTER_FILE or suffix in WEIGHTS:
            return False
        if path[:slash] != self._folder:
            self._folder = path[:slash]
            self._is_outside = is_folder_outside_repository(dirname(path))
        content = None if self._is_outside else load_plain(path)
        if content is None:
            try:
                content = load_config(path)
            except (DocumentError, OSError):
                return False
        if not may_set_lora(content, suffix):
            return True
        self._related = path, content
        return False

    def take_content(self, path: str) -> bytes | None:
        """The bytes of the file that was looked at last and is not unrelated, so that they need not
        be read again; None for any other.
        """
        related, self._related = self._related, None
        return related[1] if related is not None and related[0] == path else None
