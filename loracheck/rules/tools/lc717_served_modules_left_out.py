"""A server is started for fewer modules than its adapter has.

## What
A script, or a notebook's cell, starts vLLM or SGLang with `--lora-target-modules` and an adapter of
the repository, whose `target_modules` the option does not cover.

## Why
SGLang stops with ValueError. vLLM puts no LoRA on modules that are not named, loads the adapter
without a word and answers with the base model's layers there. Seen in vllm-project/vllm issue 55193
and sgl-project/sglang pull request 9429. Both know q_proj, k_proj and v_proj as qkv_proj, and
gate_proj and up_proj as gate_up_proj.

## Bad
```sh
vllm serve Qwen/Qwen2.5-7B --enable-lora --lora-modules style=style --lora-target-modules qkv_proj
```
with `style/adapter_config.json`:
```adapter
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj", "down_proj"]}
```

## Good
```sh
vllm serve Qwen/Qwen2.5-7B --enable-lora --lora-modules style=style \\
  --lora-target-modules qkv_proj down_proj
```
with the same file:
```adapter
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "lora_alpha": 16,
 "target_modules": ["q_proj", "down_proj"]}
```

## Fix
Name the modules that the finding tells, or leave the option out.

## Source
SGLang 0.5.23 `python/sglang/srt/lora/lora_manager.py` (init_lora_shapes: "contains target modules
... that are not included in the specified --lora-target-modules"), since 0.5.2; vLLM
`vllm/lora/model_manager.py` (_match_target_modules).
"""

from __future__ import annotations

import os

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.tools.core.server_command import read_served_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.server_command import ServedModules

CODE = "LC717"
NAME = "served-modules-left-out"
SEVERITY = "error"

_PACKED = {
    **dict.fromkeys(("q_proj", "k_proj", "v_proj"), "qkv_proj"),
    **dict.fromkeys(("gate_proj", "up_proj"), "gate_up_proj"),
}
_EVERYTHING = frozenset({"all", "all-linear"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every adapter; the first setting of the file speaks."""
    if context.first and context.on_disk:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every adapter of a script that has modules of which its server is not told."""
    if "lora" not in document.source:
        return
    for server in read_served_modules(document):
        served = {_PACKED.get(name, name) for name in server.modules}
        if served & _EVERYTHING:
            continue
        for adapter in server.adapters:
            rest = [name for name in _read_targets(document, adapter) if _pack(name) not in served]
            if rest:
                yield _build_hit(server, adapter, rest)


def _build_hit(server: ServedModules, adapter: str, rest: list[str]) -> Hit:
    stops = server.engine == "sglang"
    effect = (
        "loading it raises ValueError"
        if stops
        else "they get no LoRA, and the base model's layers answer"
    )
    more = " ".join(dict.fromkeys(map(_pack, rest)))
    return Hit(
        f"the adapter `{adapter}` has {quote_names(rest)}, which the option leaves out: {effect}",
        server.place,
        help=f"add {more}, or leave the option out",
        field="target_modules",
        severity=None if stops else "warning",
    )


def _pack(name: str) -> str:
    """The module as the servers know it."""
    last = name.rpartition(".")[2]
    return _PACKED.get(last, last)


def _read_targets(document: Document, adapter: str) -> list[str]:
    """The names in an adapter's target_modules; none where that is no list, or cannot be read."""
    path = os.path.join(os.path.dirname(document.path), adapter, "adapter_config.json")
    try:
        roots = read(path).roots
    except (OSError, DocumentError):
        return []
    top: Any = roots[0] if roots else None
    names = top.get("target_modules") if isinstance(top, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return []
    return [name for name in names if name]
