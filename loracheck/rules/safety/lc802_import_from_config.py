"""The config names a Python module that loading it imports.

## What
`auto_mapping.parent_library` or `megatron_core` names a module outside of the libraries that PEFT
itself accepts.

## Why
`AutoPeftModel.from_pretrained` imports `parent_library` by name. PEFT 0.21 refuses names outside of
its list (diffusers, lerobot, megatron-core, transformers), older releases import anything: with a
stranger's adapter that is a way to run code that lies on the machine. A module of the standard
library there is never right; one of the user's own is a note. Reported in huggingface/peft issue
3085; transformers loads such a file by itself (huggingface/transformers pull request 46482).

## Bad
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"],
 "auto_mapping": {"parent_library": "os", "base_model_class": "system"}}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"],
 "auto_mapping": {"parent_library": "transformers.models.llama.modeling_llama",
                  "base_model_class": "LlamaModel"}}
```

## Fix
Remove it unless you wrote it yourself.

## Source
PEFT 0.21.2 `auto.py` (`check_import_allowlist`), `tuners/lora/tp_layer.py`
(`ALLOWED_MEGATRON_CORE_PREFIXES`).
"""

from __future__ import annotations

import sys

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC802"
NAME = "import-from-config"
SEVERITY = "warning"
ACCEPTED = frozenset({"diffusers", "lerobot", "megatron-core", "megatron", "transformers"})
"""PEFT's own list, by the first part of the name."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each module name that is not of the accepted libraries."""
    mapping, core = context.value("auto_mapping"), context.value("megatron_core")
    library = mapping.get("parent_library") if isinstance(mapping, dict) else None
    if isinstance(library, str):
        yield from _find_library_hits(context, "auto_mapping", library, ("parent_library",))
    if isinstance(core, str) and not context.value("megatron_config"):
        yield from _find_library_hits(context, "megatron_core", core, ())


def _find_library_hits(
    context: RuleContext, field: str, library: str, inner: tuple[str, ...]
) -> Iterator[Hit]:
    top = library.partition(".")[0]
    if top in ACCEPTED:
        return
    system = top in sys.stdlib_module_names and top != "__main__"
    yield Hit(
        f"`{library}` would be imported by its name when the adapter is loaded"
        + (", and is no model library" if system else ""),
        context.place(field) + (inner if field in context.setting.places else ()),
        help="remove it unless you wrote it yourself"
        if system
        else "PEFT 0.21 and newer refuse it unless the caller allows it by import_allowlist",
        field=field,
        severity=None if system else "note",
    )
