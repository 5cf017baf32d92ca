"""`python -m bench.oracle.quantised`: PEFT asked on stand-ins for quantised layers.

loracheck has the plain model's tree and the method's name; with `--live` it reads the quantised
model itself, and has to find the method. Of each pair it is compared whether PEFT
refuses what `loracheck.trees.quantization` says it refuses (or the plan), and otherwise the wrapped
modules with rank, alpha and scaling, the modules trained in full and the trainable parameters.
"""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections import Counter
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import transformers

from loracheck.trees import quantization
from loracheck.trees.live import read_module

from . import draw, models, standins
from .model_names import ModelNames

standins.install()

from . import peft_side, plan_side  # noqa: E402 - PEFT must find the stand-ins
from .outcome import Outcome, find_differences  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable

SPECS = ("llama/CausalLM", "qwen2/CausalLM", "bert/SequenceClassification", "opt/CausalLM")

NOT_DRAWN = (
    *("target_parameters", "layer_replication", "bias", "fan_in_fan_out", "megatron_config"),
    *("loftq_config", "corda_config", "lora_ga_config", "eva_config", "use_qalora"),
    "inference_mode",
)
"""Parameters and biases are other ones here; the rest asks for a model that is really quantised."""

VARIANTS = (
    *("kasa_config", "monteclora_config", "use_bdlora", "arrow_config"),
    "alora_invocation_tokens",
)
"""Drawn where they are refused, or known to be passed over without a word."""


def draw_config(
    rng: random.Random, names: ModelNames, known: quantization.Method
) -> dict[str, Any]:
    """One config that the stand-ins can answer."""
    found = draw.draw_config(rng, names)
    drop = {
        *NOT_DRAWN,
        *(field for field in VARIANTS if field not in (*known.refuses, *known.ignores)),
    }
    found.update((field, {}) for field in known.ignores if rng.random() < 0.06)
    for field, value in (
        ("velora_config", {"num_groups": 1}),
        ("init_lora_weights", rng.choice([*known.inits, "gaussian"])),
        ("use_dora", True),
        ("target_modules", "all-linear"),
    ):
        if rng.random() < 0.08:
            found[field] = value
    if known.linear and str(found.get("init_lora_weights")).lower() == "olora":
        drop.add("init_lora_weights")  # quantises anew, for which it needs the real classes
    if found.get("init_lora_weights") in ("loftq", "lora_ga"):
        drop.add("init_lora_weights")
    found.update((field, {}) for field in known.ignores if field in found)
    return {name: value for name, value in found.items() if name not in drop}


NO_ERROR = ("gptq", "awq", "torchao")
"""Saved in full, such a layer raises nothing here: its whole numbers are no parameters, or the
stand-in's weight has fractions (torchao).
"""


class QuantisedModel:
    """One model quantised by one method."""

    def __init__(self, spec: str, method: str, *, live: bool = False) -> None:
        plain = models.build(spec)
        self.method, self.known = method, quantization.METHODS[method]
        self.tree = plan_side.build_tree(plain)
        self.names = ModelNames(self.tree)
        self.model = standins.quantise(plain, method, self.tree)
        if live:
            with standins.named_as_torchao():
                self.tree = read_module(self.model)
            if quantization.find_quantization_method(self.tree) != method:
                raise ValueError(f"{method} was not seen in {spec}")
        self.linear = {m.name for m in self.tree.modules() if m.node.kind == "Linear"}

    def touched(self, names: Iterable[str]) -> bool:
        """Whether a quantised layer is among the modules."""
        return any(n in self.linear and quantization.is_quantized(n, self.tree) for n in names)

    def mixed(self, names: Iterable[str]) -> bool:
        """Whether an unquantised layer is among the modules, which heeds every variant."""
        return any(not self.touched([name]) for name in names)

    def saves(self, saved: frozenset[str]) -> bool:
        """Whether a quantised layer is to be trained in full."""
        return self.touched(
            name for name in self.linear if any(f"{name}.".startswith(f"{s}.") for s in saved)
        )

    def differs(self, drawn: dict[str, Any], theirs: Outcome) -> tuple[str, dict[str, Any]]:
        """What came of the pair, and where PEFT on the quantised model and loracheck differ."""
        heeded = {k: v for k, v in drawn.items() if k not in self.known.ignores}
        ours = plan_side.ask_plan(self.tree, heeded)
        if ours.error:
            return "refused anyway", {} if theirs.error else {"error": (None, ours.error)}
        objections = quantization.list_refused_fields(self.known, drawn)
        if "target_modules" in objections:
            blind = theirs.error is not None or not self.touched(theirs.wrapped)
            return "all-linear sees none", {} if blind else {"wrapped": theirs.wrapped}
        if self.saves(ours.saved):
            fine = theirs.error or self.method in NO_ERROR
            return "saves a quantised layer", {} if fine else {"error": (None, "modules_to_save")}
        if objections and self.touched(ours.wrapped):
            return "refused for the method", {} if theirs.error else {"error": (None, objections)}
        if len(heeded) < len(drawn) and self.mixed(ours.wrapped):
            return "not compared", {}
        told = ours._replace(warnings=theirs.warnings, dead=theirs.dead)
        if theirs.counts and told.counts:
            told = told._replace(counts=(told.counts[0], theirs.counts[1]))
        return "wrapped", find_differences(theirs, told)


def format_table(seen: Counter[tuple[str, str]], different: int, seed: int) -> str:
    """The run as Markdown."""
    import peft

    kinds = sorted({kind for _, kind in seen})
    lines = [
        "# Differential run: quantised layers",
        "",
        f"PEFT {peft.__version__}, transformers {transformers.__version__}; seed {seed}; models "
        f"{', '.join(SPECS)}. Made by `python -m bench.oracle.quantised --pairs "
        f"{sum(seen.values())} --seed {seed}`.",
        "",
        f"**{sum(seen.values())} pairs, {different} different.**",
        "",
        *(" ".join((__doc__ or "").split("\n\n", 1)[1].split()), ""),
        f"| method | {' | '.join(kinds)} |",
        f"| --- |{' ---: |' * len(kinds)}",
    ]
    for method in standins.LAYERS:
        row = " | ".join(str(seen[method, kind]) for kind in kinds)
        lines.append(f"| {method} | {row} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Ask, print one row for each method; 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--live", action="store_true", help="read the quantised model itself")
    parser.add_argument("--table", type=Path, help="write the table of the run here")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    seen: Counter[tuple[str, str]] = Counter()
    different = 0
    share = max(1, options.pairs // (len(standins.LAYERS) * len(SPECS)))
    for spec, method in product(SPECS, standins.LAYERS):
        asked = QuantisedModel(spec, method, live=options.live)
        for number in range(share):
            rng = random.Random(f"{options.seed} {spec} {method} {number}")
            drawn = draw_config(rng, asked.names, asked.known)
            theirs = peft_side.ask_peft(asked.model, drawn)
            kind, found = asked.differs(drawn, theirs)
            seen[method, kind] += 1
            if found:
                different += 1
                sys.stdout.write(f"- {method} {spec} {drawn}\n  {theirs.error} {found}\n")
    text = format_table(seen, different, options.seed)
    sys.stdout.write(text)
    if options.table:
        options.table.write_text(text, encoding="utf-8")
    return int(bool(different))


if __name__ == "__main__":
    sys.exit(main())
