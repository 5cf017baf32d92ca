"""The calls of a script that say how a setting's run trains: the trainer's arguments, the load of
the model, and a tool's own call that makes the setting.
"""

from __future__ import annotations

from loracheck.documents.python.training_calls import TRL_CONFIGS, makes_training_arguments
from loracheck.named_tuple import NamedTuple
from loracheck.tools.core.document_calls import get_calls
from loracheck.tools.core.python_applications import find_users
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document
    from loracheck.tools.core.setting import Setting

TRANSFORMERS_DEFAULTS = {"batch": 8, "checkpointing": False, "optimiser": "adamw_torch_fused"}
"""What TrainingArguments has where a script leaves it out (transformers 5.24.0
`training_args.py`).
"""

TRL_DEFAULTS = {**TRANSFORMERS_DEFAULTS, "checkpointing": True}
"""TRL's own (TRL 1.16.0 trainer/base_config.py)."""

TRL_LENGTHS = {"SFTConfig": 1024, "DPOConfig": 1024, "KTOConfig": 1024, "RewardConfig": 1024}
"""Default of max_length (TRL 1.16.0 trainer/sft_config.py, dpo_config.py, kto_config.py,
reward_config.py).
"""


class RunCalls(NamedTuple):
    """The calls, and the defaults of the class of training arguments."""

    roots: tuple[int, ...]
    """Roots of the document, what counts more first."""

    defaults: dict[str, Any]
    """Fields of TrainingRun."""


def find_run_calls(setting: Setting) -> RunCalls:
    """The calls of the setting's script that say how it trains."""
    document = setting.document
    setting_root = setting.path[0] if setting.path and isinstance(setting.path[0], int) else 0
    load = setting.model_place[0] if setting.model_place else None
    arguments = _find_arguments(document, setting_root)
    roots = [
        root for root in (arguments, setting_root, load) if isinstance(root, int) and root >= 0
    ]
    calls = get_calls(document)
    defaults: dict[str, Any] = {}
    if arguments is not None and calls[arguments].complete:
        defaults = _get_defaults(calls[arguments].name)
    return RunCalls(tuple(dict.fromkeys(roots)), defaults)


def _get_defaults(name: str) -> dict[str, Any]:
    last = name.rpartition(".")[2]
    if last not in TRL_CONFIGS:
        return dict(TRANSFORMERS_DEFAULTS)
    length = TRL_LENGTHS.get(last)
    return {**TRL_DEFAULTS, **({"sequence": length} if length else {})}


def _find_arguments(document: Document, setting_root: int) -> int | None:
    """The call that makes the arguments of the trainer that is given the config; the file's only
    one where no trainer is seen to take it.
    """
    calls = get_calls(document)
    every = [root for root, call in enumerate(calls) if makes_training_arguments(call.name)]
    users = find_users(document)
    trainers = set(users.get(setting_root, ()))
    beside = [root for root in every if trainers & set(users.get(root, ()))]
    return beside[0] if len(beside) == 1 else every[0] if len(every) == 1 else None
