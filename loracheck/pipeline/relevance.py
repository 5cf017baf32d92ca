"""The first look at the files of a search: most have nothing to do with LoRA, and cost no more."""

from __future__ import annotations

from os.path import dirname, sep

from loracheck.documents import load_config
from loracheck.documents.formats import get_suffix
from loracheck.documents.model import DocumentError
from loracheck.documents.repository import is_folder_outside_repository
from loracheck.documents.source import load_plain
from loracheck.tools.core.quick_look import KINDS, UTF16, may_set_lora
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ADAPTER_FILE = "adapter_config.json"
"""PEFT's file, which is read whatever words it has."""

WEIGHTS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".pkl")
"""Ends of the names of files of weights, which `lora_file` reads by their header or names alone."""

MOST_BYTES = 1 << 19
"""Bytes of files that are held in memory at a time, beside those of the last one."""

MOST_KEPT = 1 << 16
"""Bytes of a related file that are kept for its check."""


class Search:
    """The first looks of one run at its files, some dozens at a time. Most come folder by folder,
    of which some things are to be known but once; and the contents of files of a kind are searched
    together, at half of what it costs one by one.
    """

    def __init__(self) -> None:
        self._folder: str | None = None
        self._is_outside = True
        self._kept: dict[str, bytes] = {}

    def find_related(self, paths: Iterable[str]) -> set[str]:
        """The files that may set LoRA up, and those that cannot be read: whoever checks them says
        why.
        """
        related: set[str] = set()
        self._kept = {}
        groups: dict[str, list[tuple[str, bytes]]] = {}
        size = 0
        for path in paths:
            content, suffix = self._load(path)
            if content is None:
                related.add(path)
                continue
            if content.startswith(UTF16):  # not to be joined with others
                self._judge({suffix: [(path, content)]}, related)
                continue
            groups.setdefault(KINDS.get(suffix, suffix), []).append((path, content))
            size += len(content)
            if size > MOST_BYTES:
                self._judge(groups, related)
                groups, size = {}, 0
        self._judge(groups, related)
        return related

    def take_content(self, path: str) -> bytes | None:
        """The bytes of a file of the last `find_related`, so that they need not be read again; None
        for one that it did not give or did not keep.
        """
        return self._kept.pop(path, None)

    def _load(self, path: str) -> tuple[bytes | None, str]:
        """The bytes of a file, None where it is related whatever they are; and its suffix."""
        slash = path.rfind(sep) + 1
        dot = path.rfind(".", slash + 1)
        suffix = path[dot:].lower() if dot > 0 else ""
        if suffix not in KINDS:
            if suffix in WEIGHTS:
                return None, suffix
            suffix = get_suffix(path)
        if path.endswith(ADAPTER_FILE) and path[slash:] == ADAPTER_FILE:
            return None, suffix
        if path[:slash] != self._folder:
            self._folder = path[:slash]
            self._is_outside = is_folder_outside_repository(dirname(path))
        content = None if self._is_outside else load_plain(path)
        if content is None:
            try:
                content = load_config(path)
            except (DocumentError, OSError):
                return None, suffix
        return content, suffix

    def _judge(self, groups: dict[str, list[tuple[str, bytes]]], related: set[str]) -> None:
        """Add the related ones of some files, which come by their kinds. What sets LoRA up is also
        seen in a longer text that holds it.
        """
        for kind, files in groups.items():
            if len(files) > 1 and not may_set_lora(b"\n".join([each[1] for each in files]), kind):
                continue
            for path, content in files:
                if may_set_lora(content, kind):
                    related.add(path)
                    if len(content) <= MOST_KEPT:
                        self._kept[path] = content
