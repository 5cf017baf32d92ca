"""Tokens of the tokenizer that lies beside a saved adapter.

transformers 5.24.0 `tokenization_utils_base.py` writes tokenizer_config.json with
`added_tokens_decoder` (id -> token), older releases added_tokens.json (token -> id) too.
"""

from __future__ import annotations

import json
import os

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Table
    from loracheck.rules.context import RuleContext

MAX_BYTES = 8_000_000
"""Bytes of a file that are read; real ones have some thousand."""

MAX_DIGITS = 10
"""Digits of an id; no vocabulary has so many tokens."""


def read_beside(context: RuleContext, name: str) -> Table:
    """The JSON object in a file beside the adapter_config.json; an empty one where there is none
    that can be read.
    """
    from loracheck.documents.model import DocumentError
    from loracheck.documents.source import load

    folder, config_name = os.path.split(context.document.path)
    if not context.on_disk or config_name != "adapter_config.json":
        return {}
    try:
        data = json.loads(load(os.path.join(folder, name), MAX_BYTES))
    except (OSError, DocumentError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def list_added_ids(context: RuleContext) -> list[int]:
    """The ids of added_tokens.json."""
    values = read_beside(context, "added_tokens.json").values()
    return [value for value in values if type(value) is int]


def list_tokenizer_ids(context: RuleContext) -> tuple[str, list[int]]:
    """The ids of added tokens, and the file that tells them."""
    decoder = read_beside(context, "tokenizer_config.json").get("added_tokens_decoder")
    keys = list(decoder) if isinstance(decoder, dict) else []
    ids = [int(key) for key in keys if str(key).isdecimal() and len(str(key)) < MAX_DIGITS]
    if ids:
        return "tokenizer_config.json", ids
    return "added_tokens.json", list_added_ids(context)
