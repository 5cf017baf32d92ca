"""The slips: each takes one setting of a file and gives the file's text with the slip in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.rules.support.linear_layers import find_linear_layers
from loracheck.rules.support.module_names import is_end_of_any
from loracheck.trees.groups import Splitter, group_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from loracheck.trees.model import ModuleTree

    from .setting_text import SettingText


class Slip(NamedTuple):
    """`make` yields texts, each the file with the slip made once. `on_model` says that it can be a
    slip only beside a known model.
    """

    name: str
    make: Callable[[SettingText, ModuleTree | None], Iterator[str | None]]
    on_model: bool = False


FIELDS = ("r", "lora_alpha", "lora_dropout", "target_modules", "modules_to_save", "use_rslora")
FOREIGN = ("query_key_value", "q_proj", "c_attn", "Wqkv", "to_q", "qkv_proj", "query", "in_proj")
OTHER_NAMES = {"r": ("lora_rank", "lora_r", "rank"), "target_modules": ("lora_targets",)}


def _misspell_key(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    """Two letters swapped, one left out, one doubled."""
    for field in FIELDS:
        path = setting_text.find_path(field)
        if path is None or not isinstance(path[-1], str) or len(path[-1].lstrip("-")) < 4:
            continue
        dashes, word = "-" * path[-1].count("--") * 2, path[-1].lstrip("-")
        # The third letter from the end: `lora_aplha` alike in short and long words.
        yield setting_text.rename(path, dashes + word[:-3] + word[-2] + word[-3] + word[-1])
        yield setting_text.rename(path, dashes + word[:-2] + word[-1])
        yield setting_text.rename(path, dashes + word[:2] + word[1:])


def _use_foreign_key(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    """Another tool's name for the key."""
    tool = setting_text.setting.tool
    own = {key.name.lstrip("-") for key in tool.keys} if tool else set(FIELDS)
    for field, names in OTHER_NAMES.items():
        path = setting_text.find_path(field)
        name = next((name for name in names if name not in own), None)
        if path is not None and name is not None and isinstance(path[-1], str):
            yield setting_text.rename(path, name)


def _add_unknown_key(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    """A key that no release has had."""
    yield setting_text.add("lora_scaling_factor", 2)


def _set_targets(names: Callable[[ModuleTree], Any]) -> Any:
    def make(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
        if tree is not None and setting_text.is_known("target_modules"):
            value = setting_text.value("target_modules")
            made = names(tree)
            if made is not None:
                # As the file writes it: a comma string stays one.
                yield setting_text.write(
                    "target_modules",
                    ",".join(made)
                    if isinstance(value, str) and _is_text_tool(setting_text)
                    else made,
                )

    return make


def _is_text_tool(setting_text: SettingText) -> bool:
    return not setting_text.python and setting_text.setting.tool_name in (
        "llamafactory",
        "h2o-llmstudio",
        "autotrain",
        "unsloth",
    )


def _foreign_names(tree: ModuleTree) -> list[str] | None:
    """Names of another architecture."""
    every = group_modules(tree, Splitter())
    names = [name for name in FOREIGN if not is_end_of_any(name, list(every))]
    return names[:2] or None


def _half_foreign_names(tree: ModuleTree) -> list[str] | None:
    """One name of another architecture beside one that is right."""
    wrong = _foreign_names(tree)
    right = next((g.template.rpartition(".")[2] for g in find_linear_layers(tree)), None)
    return [right, wrong[0]] if wrong and right and right != "*" else None


def _change_numbers(*makes: Callable[[Any], Any]) -> Any:
    def make(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
        for field in ("r", "lora_alpha", "lora_dropout"):
            value = setting_text.value(field)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                for one in makes:
                    yield setting_text.write(field, one(value))

    return make


def _set_values(field: str, *values: Any) -> Any:
    """Other values for a field, written in where it is not set."""

    def make(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
        for value in values:
            yield setting_text.write(field, value)

    return make


def _join_with_commas(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    """The list as one string with commas."""
    value = setting_text.value("target_modules")
    if isinstance(value, (list, tuple)) and len(value) > 1 and all(type(v) is str for v in value):
        yield setting_text.write("target_modules", ",".join(value))
        yield setting_text.write("target_modules", ", ".join(value))


def _unwrap_list(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    """One plain name as a string where the file had a list."""
    value = setting_text.value("target_modules")
    if (
        isinstance(value, (list, tuple))
        and value
        and type(value[0]) is str
        and value[0].isidentifier()
    ):
        yield setting_text.write("target_modules", value[0])


def _wrap_in_list(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    """`all-linear` or an expression, inside a list."""
    if setting_text.is_known("target_modules") and not _is_text_tool(setting_text):
        yield setting_text.write("target_modules", ["all-linear"])
        yield setting_text.write("target_modules", [r".*\.layers\.\d+\.self_attn\.(q|v)_proj"])


def _quote_flag(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    yield setting_text.write("use_rslora", "false")


def _name_missing_layer(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    """A layer behind the last one."""
    targets = setting_text.setting.fields.get("target_modules")
    if isinstance(targets, (list, tuple)) and targets:
        yield setting_text.write("layers_to_transform", [999])


def _double_rank(setting_text: SettingText, tree: ModuleTree | None) -> Iterator[str | None]:
    """The key of the rank twice, with another value."""
    for field, value in (("r", 4), ("lora_alpha", 128)):
        path = setting_text.find_path(field)
        if path is not None and isinstance(path[-1], str):
            yield setting_text.double(path, value)


ALL_SLIPS: tuple[Slip, ...] = (
    Slip("misspelt key", _misspell_key),
    Slip("another tool's key", _use_foreign_key),
    Slip("unknown key", _add_unknown_key),
    Slip("duplicate key", _double_rank),
    Slip("wrong targets", _set_targets(_foreign_names), on_model=True),
    Slip("one wrong target", _set_targets(_half_foreign_names), on_model=True),
    Slip("number in quotes", _change_numbers(str)),
    Slip("word for a number", _change_numbers(lambda value: "auto")),
    Slip("comma string", _join_with_commas),
    Slip("string for a list", _unwrap_list),
    Slip("expression or all-linear in a list", _wrap_in_list),
    Slip("rank 0", _set_values("r", 0)),
    Slip("rank -8", _set_values("r", -8)),
    Slip("dropout 1.5", _set_values("lora_dropout", 1.5)),
    Slip("alpha -16", _set_values("lora_alpha", -16)),
    Slip("unknown bias", _set_values("bias", "All", "yes")),
    Slip("unknown task", _set_values("task_type", "CAUSALLM", "causal")),
    Slip("switch in quotes", _quote_flag),
    Slip("layer too far", _name_missing_layer, on_model=True),
    Slip("dead modules_to_save", _set_values("modules_to_save", ["lm_heads"]), on_model=True),
)
