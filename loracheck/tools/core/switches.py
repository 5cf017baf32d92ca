"""The keys that switch LoRA on, also under a misspelt name, and the words that name it."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .conversion import parse_scalar
from .lookup import get_block
from .lora_evidence import compute_edit_distance

if TYPE_CHECKING:
    from loracheck.documents.model import Path
    from loracheck.documents.values import Table, Value

    from .setting import Setting
    from .tool import Tool


def is_on(mapping: Table, name: str, default: bool = False) -> bool:
    """Whether a switch is on, or may be on because its value is not known."""
    value = mapping.get(name)
    value = default if value is None else parse_scalar(value)
    return isinstance(value, Unknown) or bool(value)


def find_misspelt(mapping: Table, name: str) -> str | None:
    """The key that stands for `name` with one slip of the pen; None where there is none, or where
    the mapping has the key itself. NAMES in capitals are another program's.
    """
    if name in mapping:
        return None
    others = (key for key in mapping if isinstance(key, str) and abs(len(key) - len(name)) <= 1)
    return next(
        (
            key
            for key in others
            if not key.isupper() and compute_edit_distance(key.lower(), name, 1) <= 1
        ),
        None,
    )


def is_switched_on(tool: Tool, top: Table, *, forgotten: bool) -> bool:
    """Whether the tool's switch is on, or may be, also under a misspelt name; `forgotten` where the
    file has none.
    """
    if tool.switch is None:
        return True
    *above, name = tool.switch.path
    home = get_block(top, *above)
    return is_on(home, find_misspelt(home, name) or name, default=forgotten)


def add_misspelt_switch(setting: Setting, tool: Tool, path: Path, top: Table) -> None:
    """Note the key that stands for the tool's switch with a slip; `top` stands at `path`."""
    if tool.switch is None:
        return
    *above, name = tool.switch.path
    wrong = find_misspelt(get_block(top, *above), name)
    if wrong is not None:
        setting.unknown_keys[wrong] = (*path, *above, wrong)
        setting.suggestions[wrong] = name


def get_loaded_bits(mapping: Table) -> str | None:
    """ "4bit" or "8bit" by the keys that transformers' own loading has; None for neither."""
    for name in ("4bit", "8bit"):
        if parse_scalar(mapping.get(f"load_in_{name}")) is True:
            return name
    return None


def correct_method(value: Value) -> str | None:
    """`lora` or `qlora` where the word for the method is one of these with a slip (`Lora`,
    `qlorra`), or true; None for a right word and for other methods (LoHa, DoRA and GLoRA are).
    """
    if value is True:
        return "lora"
    if not isinstance(value, str) or value in ("lora", "qlora"):
        return None
    word = value.strip().lower()
    near = (right for right in ("lora", "qlora") if word[:1] == right[0])
    return next(
        (r for r in near if word != "loha" and compute_edit_distance(word, r, 1) <= 1), None
    )
