"""loracheck: a linter for LoRA configs that knows the model.

`loracheck.check(config, model)` lints a config from a Python program; see `loracheck.api`. The
names below are imported when they are first used, so that `import loracheck` costs nothing.
"""

from __future__ import annotations

from loracheck.lazy_names import import_when_used
from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

if TYPE_CHECKING:
    from loracheck.api.batch import batch
    from loracheck.api.callback import LoracheckCallback
    from loracheck.api.check import check, explain, tree
    from loracheck.api.errors import ModelError
    from loracheck.api.explanation import Explanation
    from loracheck.api.report import ConfigError, PlanNumbers, Report
    from loracheck.config.models import LoraConfig as LoraConfigModel
    from loracheck.trees.model import ModuleTree

_HOMES = {
    "ConfigError": "loracheck.api.report",
    "Explanation": "loracheck.api.explanation",
    "LoraConfigModel": "loracheck.config.models:LoraConfig",
    "LoracheckCallback": "loracheck.api.callback",
    "ModelError": "loracheck.api.errors",
    "ModuleTree": "loracheck.trees.model",
    "PlanNumbers": "loracheck.api.report",
    "Report": "loracheck.api.report",
    "batch": "loracheck.api.batch",
    "check": "loracheck.api.check",
    "explain": "loracheck.api.check",
    "tree": "loracheck.api.check",
}
"""Name -> the module that has it, and its name there where that is another one."""

__all__ = [
    "ConfigError",
    "Explanation",
    "LoraConfigModel",
    "LoracheckCallback",
    "ModelError",
    "ModuleTree",
    "PlanNumbers",
    "Report",
    "__version__",
    "batch",
    "check",
    "explain",
    "tree",
]


__getattr__ = import_when_used(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
