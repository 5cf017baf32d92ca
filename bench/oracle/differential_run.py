"""The long run: draw, ask both, compare, shrink."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.plan.errors import RefusedError
from loracheck.plan.injection.weight_tying import find_tied_modules
from loracheck.plan.matching.match_limits import allowance

from . import draw, models, peft_side, plan_side
from .families import list_families
from .forms import list_forms
from .model_names import ModelNames
from .outcome import Outcome, find_differences
from .shrink import shrink_config

if TYPE_CHECKING:
    from loracheck.trees.model import ModuleTree

UNASKABLE_INIT = "loftq"
"""LoftQ needs bitsandbytes, so what comes of it depends on the machine."""


CHECKS_NEEDING_WEIGHTS = {
    "mica-rank": "init_lora_weights",
    "kasa-rank": "kasa_config",
    "tokens-range": "trainable_token_indices",
}
"""Errors that need the weight, and the field to leave out where there is none."""

NO_VALUES = "?RuntimeError: Tensor.item() cannot be called on meta tensors"
"""What becomes of PEFT's message about a module that prints its numbers."""


class Difference(NamedTuple):
    """One pair on which the two sides differ."""

    spec: str
    config: dict[str, Any]
    found: dict[str, Any]


class Tally:
    """What the run has seen."""

    def __init__(self) -> None:
        self.pairs: Counter[str] = Counter()
        self.fields: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.forms: Counter[str] = Counter()
        self.families: Counter[str] = Counter()
        self.dead = 0
        self.skipped: dict[str, str] = {}
        self.differences: list[Difference] = []
        self.seconds = [0.0, 0.0]

    def add(self, pair: Pair, config: dict[str, Any], outcome: Outcome) -> None:
        """Count one pair."""
        self.pairs[pair.spec] += 1
        self.families.update(pair.families)
        self.forms.update(list_forms(config, outcome, pair.names.wrappable))
        self.dead += bool(outcome.dead)
        self.fields.update(config.keys())
        self.outcomes[outcome.error[0] if outcome.error else "wrapped"] += 1
        self.warnings.update(code for code, _ in outcome.warnings)


class Pair:
    """A model ready to be asked by both sides: the one that is given, or the spec's."""

    def __init__(self, spec: str, model: Any = None) -> None:
        self.spec = spec
        self.model = models.build_cached(spec) if model is None else model
        self.tree = plan_side.build_tree(self.model)
        self.meta = models.is_on_meta(self.model)
        if self.meta and not peft_side.LOW_CPU:
            raise models.NotBuiltError("on the meta device, which this PEFT cannot be asked about")
        self.names = ModelNames(self.tree)
        self.families = tuple(list_families(spec, self.tree))
        self.by_chance = _is_order_dependent(self.tree)
        """The input embedding is tied to another; with `ensure_weight_tying` PEFT then drops
        entries in the order of a set, so its answer changes with Python's hash seed.
        """

    def ask(self, config: dict[str, Any], tally: Tally | None = None) -> dict[str, Any]:
        """Where the two differ; empty where they agree."""
        start = time.perf_counter()
        peft = peft_side.ask_peft(self.model, config, low_cpu=self.meta)
        middle = time.perf_counter()
        allowance.renew()  # as for each file of a check
        plan = plan_side.ask_plan(self.tree, config, peft_side.RELEASE, low_cpu=self.meta)
        if tally is not None:
            tally.seconds[0] += middle - start
            tally.seconds[1] += time.perf_counter() - middle
            tally.add(self, config, peft)
        unsaid = peft.error is not None and peft.error[0] == NO_VALUES
        return find_differences(peft, plan) if not (self.meta and unsaid and plan.error) else {}


def _is_order_dependent(tree: ModuleTree) -> bool:
    try:
        return tree.input_embeddings in find_tied_modules(tree)
    except RefusedError:
        return False


def run_pairs(specs: list[str], pairs: int, seed: int, *, stop: int = 20) -> Tally:
    """About `pairs` pairs over all specs, a model's configs in a row; fewer of real widths.

    Stops after `stop` differences; each is told on stderr at once.
    """
    tally = Tally()
    order = list(specs)
    random.Random(seed).shuffle(order)
    left = float(sum(map(_pairs_share, order)))
    done = 0
    for spec in order:
        share = max(1, round((pairs - done) * _pairs_share(spec) / left)) if pairs > done else 0
        left -= _pairs_share(spec)
        if not share:
            break
        try:
            pair = Pair(spec)
        except models.NotBuiltError as error:
            tally.skipped[spec] = str(error)
            continue
        for number in range(share):
            _compare_one(pair, random.Random(f"{seed} {spec} {number}"), tally)
            done += 1
            if len(tally.differences) >= stop:
                return tally
    return tally


def _pairs_share(spec: str) -> int:
    """How many pairs a spec gets, in proportion: PEFT takes seconds for a model of real width."""
    return 1 if spec.endswith(models.REAL) else 8


def draw_comparable(pair: Pair, rng: random.Random) -> dict[str, Any]:
    """A config for the pair's model, of fields that the installed PEFT knows, without what no two
    machines would answer alike.

    What PEFT does otherwise on the meta device is left out there: MonteCLoRA's own parameters are
    made at the first forward, layers that should share a weight get one each, and what needs the
    weight's values (MiCA, KaSA, rows of tokens) is not checked.
    """
    config = draw.draw_config(rng, pair.names)
    config = {name: value for name, value in config.items() if name in peft_side.FIELDS}
    if config.get("init_lora_weights") == UNASKABLE_INIT:
        del config["init_lora_weights"]
    if pair.by_chance or pair.meta:
        config.pop("ensure_weight_tying", None)
    if pair.meta:
        for field in ("monteclora_config", "layer_replication"):
            config.pop(field, None)
        error = plan_side.ask_plan(pair.tree, config, peft_side.RELEASE).error
        if error and error[0] in CHECKS_NEEDING_WEIGHTS:
            config.pop(CHECKS_NEEDING_WEIGHTS[error[0]], None)
    return config


def _compare_one(pair: Pair, rng: random.Random, tally: Tally) -> None:
    config = draw_comparable(pair, rng)
    if not pair.ask(config, tally):
        return
    small = shrink_config(config, lambda smaller: bool(pair.ask(smaller)))
    tally.differences.append(Difference(pair.spec, small, pair.ask(small)))
    sys.stderr.write(f"{tally.differences[-1]}\n")
