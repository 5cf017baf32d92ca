"""Asks the installed PEFT: for each pickled config what its LoraConfig raises. Needs peft alone.

`python child.py CONFIGS ANSWERS`: both files are the parent's own.
"""

from __future__ import annotations

import copy
import importlib.util
import pickle
import sys
import warnings
from importlib.machinery import ModuleSpec
from typing import Any

_find_spec = importlib.util.find_spec


def find_spec(name: str, package: str | None = None) -> Any:
    """Let scipy be there: PEFT asks for it, and that is no matter of the config."""
    return ModuleSpec("scipy", None) if name == "scipy" else _find_spec(name, package)


def find_refusal(config: Any, values: dict[str, Any]) -> str | None:
    """What the constructor raises; whatever it is, it is the answer."""
    try:
        config(**copy.deepcopy(values))
    except Exception as error:  # noqa: BLE001 - the error is what we ask for
        return f"{type(error).__name__}: {error}"
    return None


def main(asked: str, answered: str) -> None:
    """Read the configs, write the answers."""
    warnings.simplefilter("ignore")
    from peft import LoraConfig

    importlib.util.find_spec = find_spec
    with open(asked, "rb") as file:
        configs = pickle.load(file)
    with open(answered, "wb") as file:
        pickle.dump([find_refusal(LoraConfig, values) for values in configs], file)


if __name__ == "__main__":
    main(*sys.argv[1:])
