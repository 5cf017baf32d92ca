"""An adapter that mlx-lm or mlx-vlm does not load.

## What
`load` of mlx_lm or mlx_vlm gets as `adapter_path` a file of weights in the place of its folder, a
folder beside the script whose adapter_config.json is PEFT's, or one that has none.

## Why
Both open adapter_config.json in the folder and ask it for what their own training has written
there: FileNotFoundError, NotADirectoryError, or an error about a missing `num_layers`. Seen in
ml-explore/mlx-examples issue 1317, ml-explore/mlx-lm issue 1119 and Blaizzy/mlx-vlm issue 140.

## Bad
```python
from mlx_lm import load

model, tokenizer = load("mlx-community/Llama-3.2-1B-Instruct-4bit", adapter_path="adapters.npz")
```

## Good
```python
from mlx_lm import load

model, tokenizer = load("mlx-community/Llama-3.2-1B-Instruct-4bit", adapter_path="adapters")
```

## Fix
Give the folder that `mlx_lm.lora` or `mlx_vlm.lora` wrote. An adapter of PEFT's is merged in Python
first (`merge_and_unload`), and the merged model converted.

## Source
mlx-lm 0.32.0 `mlx_lm/tuner/utils.py` (load_adapters); mlx-vlm 0.6.15 `mlx_vlm/trainer/utils.py`
(apply_lora_layers).
"""

from __future__ import annotations

from loracheck.rules.support.mlx_folders import judge_adapter
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.tools.mlx_lm_adapters import LOADS
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC120"
NAME = "mlx-adapter-not-loaded"
SEVERITY = "error"

_WORD = "mlx_"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first and context.on_disk:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every adapter of a file that is not loaded."""
    script = read_calls(document, _WORD, "adapter")
    for use in script.uses if script is not None else ():
        library, keys = LOADS.get(use.name, ("", ()))
        given = next((use.arguments[key] for key in keys if key in use.arguments), None)
        if given is None or use.fails:
            continue
        refused = judge_adapter(document, given.value, library)
        if refused is not None:
            yield Hit(refused.says, get_call_span(document, use), help=refused.help)
