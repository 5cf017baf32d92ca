"""What a script writes with `torch.save` and reads again. In comes what `load_state_dict` is given,
out comes the call that wrote it, and what it wrote.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .script_calls import find_source_call
from .trained_adapters import name_folder

if TYPE_CHECKING:
    from loracheck.documents.python.uses import Operand, Script, Use


def find_saved_object(script: Script, given: Operand | None) -> tuple[Use, Operand] | None:
    """The one `torch.save` of the file that `given` reads with `torch.load`, and what it writes;
    None where it is of another file, or of one that is written twice.
    """
    read = find_source_call(script, given)
    if read is None or read.name != "torch.load" or read.fails:
        return None
    file = name_folder(read.arguments.get(0, read.arguments.get("f")))
    saves = [
        use
        for use in script.by_name.get("save", ())
        if use.name == "torch.save"
        and file
        and name_folder(use.arguments.get(1, use.arguments.get("f"))) == file
    ]
    written = saves[0].arguments.get(0, saves[0].arguments.get("obj")) if len(saves) == 1 else None
    return (saves[0], written) if written is not None else None
