"""`plan`: what PEFT would do with a config and a module tree, as one value.

The simulation does the steps (injection/), and what came of them becomes the plan (result/).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .config import releases
from .config.effective_config import resolve_config
from .errors import NotKnownError, RefusedError, UnfoldError
from .injection.simulation import Simulation
from .result.build_plan import build_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.documents.values import Value
    from loracheck.trees.model import ModuleTree

    from .model import Plan


def plan(
    config: Mapping[str, Value],
    tree: ModuleTree,
    *,
    task: bool = True,
    peft: str | None = None,
    excluded_by_tool: bool = False,
    method: str | None = None,
) -> Plan | None:
    """What PEFT would do with the config (LoraConfig's keywords) and the model.

    `task` False leaves out what PeftModelForX adds for a task_type (`inject_adapter_in_model`).
    `peft` is the release to follow ("0.13"), the newest if None; fields that it does not have are
    passed over. `excluded_by_tool` says that `exclude_modules` stands for what a tool leaves out of
    the names it gives to PEFT, so that it holds on every release. `method` is the `peft_type` of
    another method than LoRA, which has layers of its own: parameters are not counted then. None
    where a value that decides what is targeted is not known before run time, or asks for more
    layers than are looked at.
    Never raises for a bad config: the plan's `error` is what PEFT would raise. ValueError where
    `peft` is no version.
    """
    try:
        try:
            return _simulate(config, tree, task, peft, excluded_by_tool, method, unfold=False)
        except UnfoldError:
            return _simulate(config, tree, task, peft, excluded_by_tool, method, unfold=True)
    except NotKnownError:
        return None


def _simulate(
    config: Mapping[str, Value],
    tree: ModuleTree,
    task: bool,
    peft: str | None,
    excluded_by_tool: bool,
    method: str | None,
    *,
    unfold: bool,
) -> Plan:
    effective, unknown = resolve_config(
        config, releases.parse_release(peft), excluded_by_tool=excluded_by_tool
    )
    effective.exact_release = releases.parse_newer_release(peft)
    effective.method = method
    simulation = Simulation(effective, tree, task, unfold=unfold)
    try:
        simulation.run()
    except RefusedError as refused:
        simulation.error = refused.with_stage(simulation.stage)
    return build_plan(simulation, unknown)
