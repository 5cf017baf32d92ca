"""The adapters that a script trains, saves and loads again: how each was made, and on what."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .script_adapters import find_config_call
from .script_calls import (
    find_bare_load,
    find_source_call,
    get_model_argument,
    is_trainer,
    makes_adapter,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Operand, Script, Use

_AUTO = "peft.AutoPeftModel"
_CHECKPOINT = compile_when_used(r"/checkpoint-\d+$", words=("/checkpoint-",))
_EMBEDDINGS = "save_embedding_layers"


class TrainedAdapter(NamedTuple):
    """A new adapter by the calls that made it."""

    load: Use
    """The call that loaded its base model."""

    maker: Use
    """The call of `get_peft_model`, or of the trainer of TRL that is given the config."""


def find_reloaded(script: Script) -> Iterator[tuple[Use, TrainedAdapter]]:
    """Every call that loads an adapter which the script has saved before (or a checkpoint of the
    Trainer that trained it), with that adapter.
    """
    trained: dict[str, TrainedAdapter] = {}
    for use in script.uses:
        saved = _find_saved(script, use)
        if saved is not None:
            trained.setdefault(*saved)
        if use.last != "from_pretrained" or use.fails:
            continue
        auto = use.name.startswith(_AUTO)
        if not auto and not makes_adapter(use):
            continue
        keys = (0, "pretrained_model_name_or_path") if auto else (1, "model_id")
        folder = name_folder(next((use.arguments[k] for k in keys if k in use.arguments), None))
        first = trained.get(folder) or trained.get(_CHECKPOINT.sub("/checkpoint-", folder))
        if first is not None:
            yield use, first


def is_same_checkpoint(first: Use, second: Use) -> bool:
    """Whether two calls load one checkpoint."""
    names = [name_folder(one.arguments.get(0)) for one in (first, second)]
    return first is not second and names[0] == names[1] != ""


def name_folder(operand: Operand | None) -> str:
    """The folder that an argument names for certain: its text, or the attribute that it is."""
    if operand is None:
        return ""
    text = operand.value if isinstance(operand.value, str) else ""
    return text.rstrip("/").removeprefix("./") or operand.path


def _find_saved(script: Script, use: Use) -> tuple[str, TrainedAdapter] | None:
    """The folder that a call saves a new adapter into, and how that was made."""
    maker = find_source_call(script, use.owner)
    if maker is not None and use.last in ("save_model", "train") and is_trainer(maker):
        if use.last == "train":
            return _find_checkpoints(script, maker)
        maker = _find_maker(script, maker)
    elif use.last != "save_pretrained":
        return None
    if maker is None or not _makes_new(script, maker):
        return None
    plain = use.arguments.keys() <= {0, "save_directory", "safe_serialization", _EMBEDDINGS}
    embeddings = use.arguments.get(_EMBEDDINGS)
    plain = plain and (embeddings is None or embeddings.value is True)
    folder = name_folder(use.arguments.get(0, use.arguments.get("save_directory")))
    load = find_bare_load(script, get_model_argument(maker))
    return (folder, TrainedAdapter(load, maker)) if folder and load is not None and plain else None


def _find_checkpoints(script: Script, trainer: Use) -> tuple[str, TrainedAdapter] | None:
    """Where a trainer that trains a new adapter puts its checkpoints, and how that was made."""
    maker = _find_maker(script, trainer)
    options = find_source_call(script, trainer.arguments.get("args", trainer.arguments.get(1)))
    if maker is None or not _makes_new(script, maker):
        return None
    if options is None or "save_strategy" in options.arguments:
        return None
    folder = name_folder(options.arguments.get("output_dir", options.arguments.get(0)))
    load = find_bare_load(script, get_model_argument(maker))
    return (
        (f"{folder}/checkpoint-", TrainedAdapter(load, maker))
        if folder and load is not None
        else None
    )


def _find_maker(script: Script, trainer: Use) -> Use | None:
    """The call that puts a new adapter on a trainer's model: the trainer itself, where it is given
    a config, or the one that made the model.
    """
    if "peft_config" in trainer.arguments:
        return trainer
    return find_source_call(script, get_model_argument(trainer))


def _makes_new(script: Script, maker: Use) -> bool:
    """Whether a call puts a new adapter on the model that it is given, for certain."""
    if is_trainer(maker):
        return find_config_call(script, maker, "peft_config") is not None
    return maker.last == "get_peft_model" and makes_adapter(maker)
