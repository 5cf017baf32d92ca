"""Models to which PEFT's wrapper of a task passes an argument that they do not take, or give
themselves: `input_ids`, `attention_mask` and `inputs_embeds`, which the wrapper passes by keyword,
given or not.
"""

from __future__ import annotations

import os
from functools import cache

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple
from loracheck.releases.release_table import parse_version_number

DECODER_INPUTS = {
    "whisper": "input_ids",
    "speech_to_text": "input_ids",
    "blip": "inputs_embeds",
}
"""Model type to the argument that its decoder gets from the model itself. PEFT 0.21.2
`peft_model.py` (the `forward` of each PeftModelFor...), executed with transformers 5.23.0 on tiny
models.
"""

OWN_CODE = {"InternVLChatModel": "inputs_embeds"}
"""Class whose code comes with its checkpoints, to the argument of PEFT's that its forward lacks.

Source: OpenGVLab/InternVL `internvl_chat/internvl/model/internvl_chat/modeling_internvl_chat.py`
(`InternVLChatModel.forward`), commit 0328579.
"""

PATH = os.path.join(os.path.dirname(__file__), "forward_arguments.json")
"""Made by `python -m bench.files.forward_arguments`."""


def find_foreign_argument(cls: str, release: str | None) -> str | None:
    """The argument of PEFT's wrapper that `forward` of a class cannot take in a release of
    transformers: it has neither the argument nor `**kwargs`, or passes on another one by that name.
    None where it takes all, and where that is not known.
    """
    if release is None:
        return None
    number, table = parse_version_number(release), _load_table()
    if cls in table.given_twice and number >= parse_version_number(table.executed_with):
        return "attention_mask"
    found = table.without.get(cls)
    if found is None or number > parse_version_number(found[0]):
        return None
    return found[1]


class _Table(NamedTuple):
    """forward_arguments.json."""

    given_twice: frozenset[str]
    """Classes whose parts get the mask twice where it is passed to the whole: "got multiple values
    for ... argument 'attention_mask'". Executed on tiny models, with the release of transformers
    that `executed_with` says and PEFT 0.21.2.
    """

    executed_with: str
    without: dict[str, tuple[str, str]]
    """Class -> the last release of transformers in which its forward was seen without an argument
    and `**kwargs`, and the argument; of those that the file names under "read in"
    (`modeling_*.py`). None of the classes lacks it again in a later one of these.
    """


@cache
def _load_table() -> _Table:
    with open(PATH, encoding="utf-8") as file:
        data = json.load(file)
    without = {
        cls: (release, argument)
        for release, arguments in data["without"].items()
        for argument, classes in arguments.items()
        for cls in classes
    }
    return _Table(frozenset(data["given twice"]), data["executed with"], without)
