"""What `loracheck explain` and `loracheck init` say of a config file, a model, a field or a rule.

What comes in is a topic: the settings of a file with their rule contexts, a model's tree, the name
of a field or rule. What goes out are values first (`Impact`, `Overview`, `Comparison`, `ToolKey`),
in which every number is worked out once, and then the same values as text, HTML, SVG or JSON. The
command line is not known here and nothing is printed.

Begin with `file/assess_setting.py`, which works out what one setting does to its model; `text/` and
`html/` only show it. `numbers/` estimates sizes, `model/` describes a model without a config,
`compare/` holds two settings against each other, `field/` and `rule.py` are the pages of fields and
rules, and `write/` writes a config in a tool's own file.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class _Room(ModuleType):
    """A module that is called as the function of its name: Python puts this room into the package
    under the name `explain`, which in a program is the function `loracheck.explain(config)`.
    """

    def __call__(self, *arguments: object, **keywords: object) -> Any:
        """`loracheck.api.check.explain`, which stands above this room."""
        return import_module("loracheck.api.check").explain(*arguments, **keywords)


sys.modules[__name__].__class__ = _Room
