"""A method of transformers' models that refuses the PEFT beside it.

## What
`model.add_adapter(config)`, `set_adapter` or another adapter method of a model of transformers,
where it is certain which transformers and which PEFT will run (asked for, pinned with `==`, or
installed), and that transformers asks for a newer PEFT; or `load_adapter` of transformers 5.6 or
newer beside PEFT before 0.19, where both are pinned.

## Why
transformers looks at the version before it does anything, and raises ValueError: "The version of
PEFT you are using is not compatible, please use a version >= ...". What it asks for is not always a
release that exists by then. PEFT's own `get_peft_model` does not look, and neither does
`load_adapter` since transformers 5: it imports a function that PEFT has since 0.19.0, and ends with
ImportError before that. Seen in tenstorrent/tt-metal pull request 50780.

## Bad
With `--transformers 5.24.0 --peft 0.21.2`:
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model.add_adapter(LoraConfig(r=8, target_modules=["q_proj"]))
```

## Good
With `--transformers 5.24.0 --peft 0.21.2`:
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Fix
Put the adapter on with `get_peft_model`, or install releases that go together.

## Source
transformers 5.24.0 `integrations/peft.py` (MIN_PEFT_VERSION), `utils/peft_utils.py`
(`check_peft_version`); the number of each release was read in its wheel. Executed. The import of
`_maybe_shard_state_dict_for_tp` stands in 5.6.0 and not in 5.5.0; PEFT 0.19.0
`utils/save_and_load.py` has it, 0.18.1 has not.
"""

from __future__ import annotations

from loracheck.releases.least_peft import METHODS, find_least_peft, find_newest_transformers
from loracheck.releases.pin_checks import is_pinned_within
from loracheck.releases.release_table import parse_version_number
from loracheck.rules.support.script_calls import (
    find_bare_load,
    find_encoder_load,
    get_call_span,
    read_calls,
)
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.releases.choose import ReleasePair
    from loracheck.rules.context import RuleContext

CODE = "LC164"
NAME = "peft-too-old-for-transformers"
SEVERITY = "error"


_LOADS_BY_IMPORT, _PEFT_WITH_IT = ">=5.6.0", "0.19.0"
"""The releases of transformers whose load_adapter imports what PEFT has from its release on."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit at the first such call of a file; the file's first setting speaks."""
    if context.first:
        yield from check_bare(context.document)
    script = read_calls(context.document, "_adapter", "from_pretrained")
    releases = context.releases if script is not None and context.first else None
    least = _find_missed_release(releases) if releases is not None else None
    if script is None or releases is None or least is None:
        return
    for use in script.uses:
        if use.last in METHODS and not use.fails and _is_of_transformers(context, script, use):
            yield Hit(
                f"transformers {releases.transformers.version} refuses PEFT "
                f"{releases.peft.version} in `{use.last}`: it asks for PEFT {least} or newer",
                get_call_span(context.document, use),
                help=_describe_mend(use, least, releases.peft.version),
                notes=(
                    f"transformers is {releases.transformers.reason}, PEFT is "
                    f"{releases.peft.reason}",
                ),
            )
            return


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit at the first `load_adapter` of a file whose pins have it fail."""
    script = read_calls(document, ".load_adapter(", "from_pretrained")
    if script is None or not is_older(document, "peft", _PEFT_WITH_IT):
        return
    if not is_pinned_within("transformers", document, _LOADS_BY_IMPORT):
        return
    for use in script.by_name.get("load_adapter", ()):
        if not use.fails and find_bare_load(script, use.owner) is not None:
            yield Hit(
                "this transformers imports in `load_adapter` what PEFT has since "
                f"{_PEFT_WITH_IT}, and the PEFT beside it is older: ImportError",
                get_call_span(document, use),
                help=f"install PEFT {_PEFT_WITH_IT} or newer, or transformers 5.5.4 or older",
            )
            return


def _is_of_transformers(context: RuleContext, script: Script, use: Use) -> bool:
    """Whether a method is that of a model of transformers without a wrapper of PEFT: one that the
    file loads, or a text encoder of a pipeline of diffusers.
    """
    return (
        find_bare_load(script, use.owner) is not None
        or find_encoder_load(context.document, script, use.owner) is not None
    )


def _find_missed_release(releases: ReleasePair) -> str | None:
    """The PEFT that this transformers asks for, where the one beside it is older for certain."""
    if not (releases.transformers.certain and releases.peft.certain):
        return None
    try:
        least = find_least_peft(releases.transformers.version)
        older = least is not None and parse_version_number(
            releases.peft.version
        ) < parse_version_number(least)
    except ValueError:
        return None
    return least if older else None


def _describe_mend(use: Use, least: str, peft: str) -> str:
    """What to do: other releases, or PEFT's own function."""
    release = find_newest_transformers(peft)
    older = f", or transformers {release} or older" if release is not None else ""
    instead = "use peft.get_peft_model(model, config), " if use.last == "add_adapter" else ""
    return f"{instead}install PEFT {least} or newer{older}"
