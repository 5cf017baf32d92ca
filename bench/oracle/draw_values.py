"""Values for each field: mostly plausible, sometimes the ones that people get wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

    from .model_names import ModelNames

COMMON = (
    "q_proj",
    "k_proj",
    "v_proj",
    "o_proj",
    "gate_proj",
    "up_proj",
    "down_proj",
    "query",
    "key",
    "value",
    "dense",
    "c_attn",
    "c_proj",
    "fc1",
    "fc2",
    "w1",
    "w2",
    "w3",
    "gate",
    "lm_head",
    "embed_tokens",
    "classifier",
    "score",
    "qa_outputs",
    "q",
    "v",
    "k",
    "o",
    "wi",
    "wo",
    "query_key_value",
    "qkv_proj",
    "gate_up_proj",
    "in_proj",
    "out_proj",
    "conv1d",
    "norm",
)


def name(rng: random.Random, names: ModelNames) -> str:
    """One name: a leaf, a full path, a tail of one, a part, a common name, or nonsense."""
    kind = rng.random()
    if kind < 0.42:
        return rng.choice(names.wrappable).rpartition(".")[2]
    if kind < 0.52:
        return rng.choice(names.wrappable)
    if kind < 0.66:
        return tail(rng, rng.choice(names.wrappable))
    if kind < 0.76:
        return rng.choice(names.leaves)
    if kind < 0.82:
        return rng.choice(names.full)
    if kind < 0.92:
        return rng.choice(COMMON)
    if kind < 0.96:
        return rng.choice(names.parts)
    return rng.choice(["nope", "", ".*_proj", "proj", "0", "1", "12", "layers.1", names.output])


def tail(rng: random.Random, full: str) -> str:
    """The last two to four parts of a name."""
    return ".".join(full.split(".")[-rng.randint(2, 4) :])


def some_names(rng: random.Random, names: ModelNames, most: int = 5) -> list[str]:
    """A few names."""
    return [name(rng, names) for _ in range(rng.randint(1, most))]


def pattern(rng: random.Random, names: ModelNames) -> str:
    """A regular expression over module names."""
    kind = rng.random()
    leaf = re.escape(rng.choice(names.wrappable).rpartition(".")[2])
    other = re.escape(rng.choice(names.wrappable).rpartition(".")[2])
    part = re.escape(rng.choice(names.parts))
    if kind < 0.3:
        return rf".*\.{leaf}"
    if kind < 0.5:
        return rf".*\.({leaf}|{other})"
    if kind < 0.62:
        return rf".*{part}.*\.{leaf}"
    if kind < 0.72:
        digit = rng.choice(
            [r"\d+", "[0-1]", "[02]", r"\d", "1", "(0|2)", r"1\d", "[^0]", r"(\d)\1"]
        )
        return rf".*\.{digit}\..*{leaf}"
    if kind < 0.78:
        return rf"(?!.*{part}).*{leaf}$"
    if kind < 0.84:
        return re.escape(rng.choice(names.wrappable))
    if kind < 0.88:
        return rf"(.*\.)*{leaf}"
    return rng.choice(
        [leaf, ".*", ".*_proj", "(", rf".*{part}", "nope", "", rf"{part}.*", r".*\d.*"]
    )


def targets(rng: random.Random, names: ModelNames) -> dict[str, Any]:
    """target_modules in every form; left out at times."""
    kind = rng.random()
    if kind < 0.5:
        return {"target_modules": some_names(rng, names)}
    if kind < 0.64:
        return {"target_modules": pattern(rng, names)}
    if kind < 0.8:
        return {"target_modules": rng.choice(["all-linear", "all-linear", "All-Linear"])}
    if kind < 0.88:
        return {}
    if kind < 0.93:
        return {"target_modules": rng.sample(names.full, min(len(names.full), rng.randint(18, 30)))}
    return {
        "target_modules": rng.choice(
            [
                *([], None, None, "", ["", "x"], "dummy-target-modules"),
                *(["all-linear"], ["all-linear", name(rng, names)]),
                (name(rng, names), name(rng, names)),
            ]
        )
    }


def rank(rng: random.Random, names: ModelNames) -> Any:
    return (
        rng.choice([1, 2, 4, 6, 7, 8, 16, 40, 64])
        if rng.random() < 0.96
        else rng.choice([0, -1, 8.0, True, "8", None])
    )


def alpha(rng: random.Random, names: ModelNames) -> Any:
    return (
        rng.choice([1, 4, 16, 32, 0.5, 0, -2]) if rng.random() < 0.97 else rng.choice(["16", None])
    )


def dropout(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice([0.0, 0.05, 0.1, 0.1, 1.0, -0.1, 1.5, float("nan"), "0.1"])


def bias(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice(["none", "all", "all", "lora_only", "lora_only", "foo_only", "lora", None])


def flag(rng: random.Random, names: ModelNames) -> Any:
    return rng.random() < 0.8


TASKS = (
    "CAUSAL_LM",
    "SEQ_2_SEQ_LM",
    "SEQ_CLS",
    "TOKEN_CLS",
    "QUESTION_ANS",
    "FEATURE_EXTRACTION",
)


def task(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice([*TASKS, "SEQ_CLS", None, "causal_lm"])


def to_save(rng: random.Random, names: ModelNames) -> Any:
    kind = rng.random()
    if kind < 0.1:
        return [rng.choice([names.embedding, names.output, "embed_tokens", "lm_head"])]
    if kind < 0.15:
        return [names.output.rpartition(".")[2], names.embedding.rpartition(".")[2]]
    if kind < 0.18:
        return rng.choice([[], ["default"], ["."], [".*norm"], ["classifier.*"], ["layer"], ["("]])
    if kind < 0.2:
        return rng.choice(["lm_head", ("lm_head",), "norm"])
    return some_names(rng, names, 3)


def save_a_target(rng: random.Random, found: dict[str, Any]) -> None:
    """One of the targets is to be saved, too."""
    targets, saved = found.get("target_modules"), found["modules_to_save"]
    if targets and isinstance(targets, list) and isinstance(saved, list):
        found["modules_to_save"] = [*saved, rng.choice(targets)]


def exclude(rng: random.Random, names: ModelNames) -> Any:
    kind = rng.random()
    if kind < 0.6:
        return some_names(rng, names, 3)
    return pattern(rng, names) if kind < 0.92 else rng.choice([[], "", ["nope"], ".*", "("])


def layers(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice([0, 1, [0], [1, 2], [0, 99], [-1], [], [0, -1], list(range(2)), 7, "0", [11]])


def layers_pattern(rng: random.Random, names: ModelNames) -> Any:
    part = rng.choice(names.parts)
    if names.lists and rng.random() < 0.5:
        right = rng.choice(names.lists)
        return rng.choice([right, [right], [part, right], right.replace("s", ".")])
    return rng.choice(
        ["layers", "h", "layer", ["layers", "blocks"], "", [], part, [part], "lay.rs"]
    )


def pattern_key(rng: random.Random, names: ModelNames) -> str:
    kind = rng.random()
    if kind < 0.6:
        return name(rng, names)
    if kind < 0.8:
        return pattern(rng, names)
    return rng.choice(
        [f"^{rng.choice(names.full)}", "q_proj|v_proj", rf".*\.{rng.randint(0, 2)}\..*"]
    )


def rank_pattern(rng: random.Random, names: ModelNames) -> Any:
    if rng.random() < 0.02:
        return None
    return {
        pattern_key(rng, names): rng.choice([1, 2, 4, 12, 32] if rng.random() < 0.97 else [0, "4"])
        for _ in range(rng.randint(1, 3))
    }


def alpha_pattern(rng: random.Random, names: ModelNames) -> Any:
    if rng.random() < 0.02:
        return None
    return {pattern_key(rng, names): rng.choice([1, 2, 64, 0.5]) for _ in range(rng.randint(1, 3))}


def parameters(rng: random.Random, names: ModelNames) -> Any:
    found: list[str] = []
    for _ in range(rng.randint(1, 2)):
        pool = names.experts if names.experts and rng.random() < 0.6 else names.parameters
        full = rng.choice(pool)
        found.append(full if rng.random() < 0.3 else tail(rng, full))
    kind = rng.random()
    if kind < 0.06:
        return rng.choice([[], ["nope"], "weight", ["weight"], ["experts.gate_up_proj"]])
    return found


def tokens(rng: random.Random, names: ModelNames) -> Any:
    indices = rng.choice([[1, 2], [0], [3, 3], [5, 98], list(range(9))])
    kind = rng.random()
    if kind < 0.45:
        return indices
    keys = [
        names.embedding,
        names.embedding.rpartition(".")[2],
        names.output,
        "embed_tokens",
        "nope",
    ]
    if kind < 0.8:
        return {rng.choice(keys): indices}
    if kind < 0.95:
        other = indices if rng.random() < 0.5 else [4]
        return {names.embedding.rpartition(".")[2]: indices, names.output.rpartition(".")[2]: other}
    return rng.choice([{}, [10_000], [-1], 3])


REPLICATIONS: tuple[Any, ...] = (
    [[0, 2], [1, 2]],
    [[0, 2]],
    [[0, 1], [0, 1]],
    [[1, 2], [0, 2]],
    [[0, 9]],
    [[2, 1]],
    [0, 4],
    [[0, 2]] * 6,
    [[0]],
    [],
)


def replication(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice(REPLICATIONS)


INITS: tuple[Any, ...] = (
    "gaussian",
    "gaussian",
    "Gaussian",
    "pissa",
    "pissa_niter_2",
    "olora",
    "OLoRA",
    "orthogonal",
    "eva",
    "corda",
    "lora_ga",
    "mica",
    "mica",
    "MICA",
    False,
    None,
    "",
    0,
    1,
    True,
    "foo",
    "PiSSA",
    "true",
    "pissa_foo",
    "pissa_niter_x",
)


def init(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice(INITS)


def empty(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice(
        [{}, {}, {}, {"beta": -1, "rho": 0.5, "num_groups": 0}, True, {"num_groups": 4}]
    )


def monteclora(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice([{}, {"num_samples": 3}, {"num_samples": 0}, {"buffer_size": 4}])


def bdlora(rng: random.Random, names: ModelNames) -> Any:
    return {
        "target_modules_bd_a": [name(rng, names) for _ in range(rng.randint(0, 2))],
        "target_modules_bd_b": [name(rng, names) for _ in range(rng.randint(0, 2))],
        "nblocks": rng.choice([1, 2, 4, 3]),
        "match_strict": rng.random() < 0.3,
    }


def arrow(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice([{}, {"task_adapter_names": ["a"]}, {"top_k": 0}])


def alora(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice([[1, 2], []])


def loftq(rng: random.Random, names: ModelNames) -> Any:
    return {"loftq_bits": 4, "loftq_iter": 1}


def megatron(rng: random.Random, names: ModelNames) -> Any:
    return {"tensor_parallel": 1}


def lora_ga(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice([{}, {"direction": "ArB2r"}, {"direction": "bogus"}, {"scale": "stable"}, 3])


def group_size(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice([16, 32, 7, 0])


def megatron_core(rng: random.Random, names: ModelNames) -> Any:
    return rng.choice(["megatron.core", "os", "megatron.other"])
