"""What the trainers of transformers and TRL, and their configs, take in any release that was read.
In goes the name of a class, out come its parameters.

`trainer_parameters.json` is written by `python -m bench.files.trainer_parameters FOLDER` out of the
libraries' wheels, which it names.
"""

from __future__ import annotations

import json
import os
from functools import cache

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = os.path.join(os.path.dirname(__file__), "trainer_parameters.json")


@cache
def load_parameters() -> Mapping[str, frozenset[str]]:
    """The parameters of each class; one that is not among them takes what is not known."""
    with open(PATH, encoding="utf-8") as file:
        classes: dict[str, list[str]] = json.load(file)["classes"]
    common = frozenset(classes["TrainingArguments"])
    return {
        name: frozenset(own) | (frozenset() if name.endswith("Trainer") else common)
        for name, own in classes.items()
    }
