"""The slips: each takes one setting of a file and gives the file's text with the slip in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.rules.support.linear_layers import find_linear_layers
from loracheck.rules.support.module_names import is_end_of_any
from loracheck.trees.groups import Splitter, group_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loracheck.trees.model import ModuleTree

    from .slots import Slots


class Slip(NamedTuple):
    """`make` yields texts, each the file with the slip made once. `on_model` says that it can be a
    slip only beside a known model.
    """

    name: str
    make: Callable[[Slots, ModuleTree | None], Iterator[str | None]]
    on_model: bool = False


FIELDS = ("r", "lora_alpha", "lora_dropout", "target_modules", "modules_to_save", "use_rslora")
FOREIGN = ("query_key_value", "q_proj", "c_attn", "Wqkv", "to_q", "qkv_proj", "query", "in_proj")
OTHER_NAMES = {"r": ("lora_rank", "lora_r", "rank"), "target_modules": ("lora_targets",)}


def _misspelt(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    """Two letters swapped, one left out, one doubled."""
    for field in FIELDS:
        path = slots.path(field)
        if path is None or not isinstance(path[-1], str) or len(path[-1].lstrip("-")) < 4:
            continue
        dashes, word = "-" * path[-1].count("--") * 2, path[-1].lstrip("-")
        # The third letter from the end: `lora_aplha` alike in short and long words.
        yield slots.rename(path, dashes + word[:-3] + word[-2] + word[-3] + word[-1])
        yield slots.rename(path, dashes + word[:-2] + word[-1])
        yield slots.rename(path, dashes + word[:2] + word[1:])


def _foreign(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    """Another tool's name for the key."""
    tool = slots.setting.tool
    own = {key.name.lstrip("-") for key in tool.keys} if tool else set(FIELDS)
    for field, names in OTHER_NAMES.items():
        path = slots.path(field)
        name = next((name for name in names if name not in own), None)
        if path is not None and name is not None and isinstance(path[-1], str):
            yield slots.rename(path, name)


def _extra(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    """A key that no release has had."""
    yield slots.add("lora_scaling_factor", 2)


def _targets(names: Callable[[ModuleTree], Any]) -> Any:
    def make(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
        if tree is not None and slots.known("target_modules"):
            value = slots.value("target_modules")
            made = names(tree)
            if made is not None:
                # As the file writes it: a comma string stays one.
                yield slots.write(
                    "target_modules",
                    ",".join(made) if isinstance(value, str) and _is_text_tool(slots) else made,
                )

    return make


def _is_text_tool(slots: Slots) -> bool:
    return not slots.python and slots.setting.tool_name in (
        "llamafactory",
        "h2o-llmstudio",
        "autotrain",
        "unsloth",
    )


def _wrong(tree: ModuleTree) -> list[str] | None:
    """Names of another architecture."""
    every = group_modules(tree, Splitter())
    names = [name for name in FOREIGN if not is_end_of_any(name, list(every))]
    return names[:2] or None


def _half(tree: ModuleTree) -> list[str] | None:
    """One name of another architecture beside one that is right."""
    wrong = _wrong(tree)
    right = next((g.template.rpartition(".")[2] for g in find_linear_layers(tree)), None)
    return [right, wrong[0]] if wrong and right and right != "*" else None


def _numbers(*makes: Callable[[Any], Any]) -> Any:
    def make(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
        for field in ("r", "lora_alpha", "lora_dropout"):
            value = slots.value(field)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                for one in makes:
                    yield slots.write(field, one(value))

    return make


def _set(field: str, *values: Any) -> Any:
    """Other values for a field, written in where it is not set."""

    def make(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
        for value in values:
            yield slots.write(field, value)

    return make


def _comma(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    """The list as one string with commas."""
    value = slots.value("target_modules")
    if isinstance(value, (list, tuple)) and len(value) > 1 and all(type(v) is str for v in value):
        yield slots.write("target_modules", ",".join(value))
        yield slots.write("target_modules", ", ".join(value))


def _unlisted(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    """One plain name as a string where the file had a list."""
    value = slots.value("target_modules")
    if (
        isinstance(value, (list, tuple))
        and value
        and type(value[0]) is str
        and value[0].isidentifier()
    ):
        yield slots.write("target_modules", value[0])


def _listed(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    """`all-linear` or an expression, inside a list."""
    if slots.known("target_modules") and not _is_text_tool(slots):
        yield slots.write("target_modules", ["all-linear"])
        yield slots.write("target_modules", [r".*\.layers\.\d+\.self_attn\.(q|v)_proj"])


def _quoted_flag(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    yield slots.write("use_rslora", "false")


def _too_far(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    """A layer behind the last one."""
    targets = slots.setting.fields.get("target_modules")
    if isinstance(targets, (list, tuple)) and targets:
        yield slots.write("layers_to_transform", [999])


def _double(slots: Slots, tree: ModuleTree | None) -> Iterator[str | None]:
    """The key of the rank twice, with another value."""
    for field, value in (("r", 4), ("lora_alpha", 128)):
        path = slots.path(field)
        if path is not None and isinstance(path[-1], str):
            yield slots.double(path, value)


SLIPS: tuple[Slip, ...] = (
    Slip("misspelt key", _misspelt),
    Slip("another tool's key", _foreign),
    Slip("unknown key", _extra),
    Slip("duplicate key", _double),
    Slip("wrong targets", _targets(_wrong), on_model=True),
    Slip("one wrong target", _targets(_half), on_model=True),
    Slip("number in quotes", _numbers(str)),
    Slip("word for a number", _numbers(lambda value: "auto")),
    Slip("comma string", _comma),
    Slip("string for a list", _unlisted),
    Slip("expression or all-linear in a list", _listed),
    Slip("rank 0", _set("r", 0)),
    Slip("rank -8", _set("r", -8)),
    Slip("dropout 1.5", _set("lora_dropout", 1.5)),
    Slip("alpha -16", _set("lora_alpha", -16)),
    Slip("unknown bias", _set("bias", "All", "yes")),
    Slip("unknown task", _set("task_type", "CAUSALLM", "causal")),
    Slip("switch in quotes", _quoted_flag),
    Slip("layer too far", _too_far, on_model=True),
    Slip("dead modules_to_save", _set("modules_to_save", ["lm_heads"]), on_model=True),
)
