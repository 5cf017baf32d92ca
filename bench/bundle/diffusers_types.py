"""`python -m bench.bundle.diffusers_types`: writes the bundled trees of diffusers' model classes
anew, each with the defaults of its constructor, as the installed diffusers builds them on the
stand-in for torch. Classes that have no such tree (a value that must be given) are listed.
"""

from __future__ import annotations

import sys
from importlib.metadata import version

from bench.bundle.diffusers import make_entry, write_data
from bench.trees.diffusers_models import list_types
from loracheck.trees.build_error import BuildError
from loracheck.trees.builder import build
from loracheck.trees.sources.bundle import TYPE_PREFIX


def list_classes() -> list[str]:
    """The names of diffusers' classes that are built from a config."""
    return [name for name in list_types() if "/" not in name]


def build_classes() -> tuple[dict[str, bytes], dict[str, str]]:
    """ "type:CLASS" -> its entry with the constructor's defaults; and the classes that have no tree
    by these, with the reason.
    """
    entries, refused = {}, {}
    for name in list_classes():
        config = {"_class_name": name}
        try:
            tree = build(config, library="diffusers")
        except BuildError as error:
            refused[name] = error.reason
        else:
            entries[f"{TYPE_PREFIX}{name}"] = make_entry(config, [], tree)
    return entries, refused


def main() -> int:
    """Build each class once, and write."""
    entries, refused = build_classes()
    write_data(entries, version("diffusers"), types=True)
    for name, reason in refused.items():
        print(f"  no defaults: {name}: {reason.splitlines()[0]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
