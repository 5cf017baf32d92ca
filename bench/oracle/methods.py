"""`python -m bench.oracle --method adalora`: configs of another of PEFT's methods are drawn, and
what loracheck says of each is compared with what PEFT does: whether the config class refuses it,
whether wrapping a small model finds no module or fails, and which modules are wrapped. Different is
what is not so; untold is a refusal for a reason that loracheck does not look at (sizes that do not
fit the layers, fields against each other). Of AdaLoRA nothing is left untold.
"""

from __future__ import annotations

import random
import sys
import warnings
from collections import Counter
from typing import Any

from bench.peft_methods import NEEDED, make_model
from loracheck.config.check_method import check_method
from loracheck.config.method_fields import load_fields
from loracheck.config.methods import Method, find_method, load_methods
from loracheck.plan import plan as compute_plan
from loracheck.trees.live.read import read_module

TARGETS: tuple[dict[str, Any], ...] = (
    {"target_modules": ["q_proj", "v_proj"]},
    {"target_modules": ["query"]},
    {"target_modules": ["q_proj", "query"]},
    {"target_modules": r".*\.layers\.0\..*q_proj"},
    {"target_modules": r"q_proj"},
    {"target_modules": ["layers.1.self_attn.k_proj", "o_proj"]},
    {"target_modules": ["q_proj"], "exclude_modules": ["layers.0.self_attn.q_proj"]},
    {"target_modules": ["q_proj", "down_proj"], "layers_to_transform": [1]},
    {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]},
)


def draw_config(method: Method, rng: random.Random) -> dict[str, Any]:
    """Targets, what the method needs, and a few of its fields with values right and wrong."""
    targets = {k: v for k, v in rng.choice(TARGETS).items() if k in method.fields}
    values = {**targets, **NEEDED.get(method.name, {})}
    fields = load_fields(method.name)
    own = [name for name, field in fields.items() if field.number]
    for name in rng.sample(own, min(len(own), rng.randint(0, 3))):
        values[name] = rng.choice([fields[name].default, "8", 0, -1, fields[name].default])
    if method.name == "ADALORA":
        values |= _draw_schedule(rng)
    if rng.random() < 0.1:
        values["no_such_field"] = 1
    return values


def _draw_schedule(rng: random.Random) -> dict[str, Any]:
    """AdaLoRA's steps, and what it refuses."""
    found: dict[str, Any] = {}
    for name, values in (
        ("total_step", [None, 0, 100, 100, 100]),
        ("tinit", [0, 10, 50, 100]),
        ("tfinal", [0, 10, 50, 100]),
        ("orth_reg_weight", [0.5, 0, -0.5]),
        ("use_dora", [False, True]),
        ("r", [8, 16]),
    ):
        if rng.random() < 0.5:
            found[name] = rng.choice(values)
    return found


def ask_peft(method: Method, values: dict[str, Any], model: Any) -> tuple[str, frozenset[str]]:
    """ "raises", "no match", "fails" or "wraps", and the names of the wrapped modules."""
    import peft
    from peft.tuners.tuners_utils import BaseTunerLayer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            config = getattr(peft, method.config)(**values)
        except Exception:  # noqa: BLE001 - whether it raises is what is asked
            return "raises", frozenset()
        try:
            wrapped = peft.get_peft_model(model, config)
        except Exception as error:  # noqa: BLE001 - whether it fails is what is asked
            text = str(error)
            missed = "not found in the base model" in text or "No modules were targeted" in text
            return ("no match" if missed or "excluded" in text else "fails"), frozenset()
    found = (
        n for n, m in wrapped.base_model.model.named_modules() if isinstance(m, BaseTunerLayer)
    )
    return "wraps", frozenset(found)


def ask_loracheck(method: Method, values: dict[str, Any], tree: Any) -> tuple[str, frozenset[str]]:
    """The same of loracheck."""
    issues = check_method(method, values)
    if any(issue.effect == "raises" for issue in issues):
        return "raises", frozenset()
    chosen = {k: v for k, v in values.items() if k in method.fields}
    plan = compute_plan(chosen, tree)
    if plan is None or plan.error is not None:
        return "no match", frozenset()
    if any(issue.effect == "fails" for issue in issues):
        return "fails", frozenset()
    return "wraps", frozenset(name for group in plan.wrapped for name in group.names())


def run_method(name: str, number: int, seed: int) -> int:
    """Compare so many configs, print what differs; how many do. Of AdaLoRA the untold count too."""
    method = find_method(name)
    if method is None or not method.fields:
        raise SystemExit(f"{name} is no method of PEFT that finds its modules by names")
    rng = random.Random(f"{seed} {name}")
    tree = read_module(make_model())
    outcomes: Counter[str] = Counter()
    different = untold = 0
    for _ in range(number):
        values = draw_config(method, rng)
        theirs, ours = ask_peft(method, values, make_model()), ask_loracheck(method, values, tree)
        outcomes[theirs[0]] += 1
        if theirs == ours or {theirs[0], ours[0]} == {"fails", "no match"}:
            continue
        if ours[0] == "wraps" != theirs[0] and method.name != "ADALORA":
            untold += 1
        else:
            different += 1
            sys.stdout.write(f"{values}\n  PEFT {theirs}\n  loracheck {ours}\n")
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(outcomes.items()))
    sys.stdout.write(
        f"{method.name}: {number} configs ({told}), {different} different, {untold} untold\n"
    )
    return different


def run_methods(names: str, number: int, seed: int) -> int:
    """Compare so many configs of each method named ("adalora,loha", or "all")."""
    every = [one.name for one in load_methods().values() if one.fields]
    listed = every if names == "all" else names.split(",")
    return sum(run_method(name, number, seed) for name in listed)
