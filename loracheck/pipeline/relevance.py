"""The first look at a file of a search: most have nothing to do with LoRA, and cost no more."""

from __future__ import annotations

from os.path import basename

from loracheck.documents import load_config
from loracheck.documents.model import DocumentError
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
    if basename(path) == ADAPTER_FILE or path.lower().endswith(WEIGHTS):
        return False
    content = load_plain(path)
    if content is None:
        try:
            content = load_config(path)
        except (DocumentError, OSError):
            return False
    dot = path.rfind(".")
    return not may_set_lora(content, path[dot:].lower() if dot > path.rfind("/") else "")
