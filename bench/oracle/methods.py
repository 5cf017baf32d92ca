"""`python -m bench.oracle --method adalora`: configs of another of PEFT's methods are drawn, and
what loracheck says of each is compared with what PEFT does: whether the config class refuses it,
whether wrapping a small model finds no module, meets a class of module that the method refuses or
fails, and which modules are wrapped. Different is what is not so; untold is a refusal for a reason
that loracheck does not look at (sizes that do not fit the layers, fields against each other). Of
AdaLoRA nothing is left untold.
"""

from __future__ import annotations

import random
import sys
import warnings
from collections import Counter
from typing import Any

from bench.peft_methods import NEEDED, make_model
from bench.peft_module_kinds import REFUSAL
from loracheck.config.check_method import check_method
from loracheck.config.method_fields import load_fields
from loracheck.config.methods import Method, find_method, load_methods
from loracheck.plan import plan as compute_plan
from loracheck.trees.live.read import read_module

Targets = tuple[dict[str, Any], ...]

TARGETS: Targets = (
    {"target_modules": ["q_proj", "v_proj"]},
    {"target_modules": ["query"]},
    {"target_modules": ["q_proj", "query"]},
    {"target_modules": r".*\.layers\.0\..*q_proj"},
    {"target_modules": r"q_proj"},
    {"target_modules": ["layers.1.self_attn.k_proj", "o_proj"]},
    {"target_modules": ["q_proj"], "exclude_modules": ["layers.0.self_attn.q_proj"]},
    {"target_modules": ["q_proj", "down_proj"], "layers_to_transform": [1]},
    {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]},
    {"target_modules": ["q_proj", "embed_tokens"]},
    {"target_modules": ["v_proj", "input_layernorm"]},
    {"target_modules": ["mlp"]},
    {"target_modules": "all-linear"},
)
GPT2_TARGETS: Targets = (
    {"target_modules": ["c_attn"]},
    {"target_modules": ["c_attn", "wte"]},
    {"target_modules": ["ln_1", "ln_f"]},
    {"target_modules": ["lm_head"]},
    {"target_modules": "all-linear"},
    {"target_modules": ["h"]},
    {"target_modules": ["c_fc", "q_proj"]},
)
WHISPER_TARGETS: Targets = (
    {"target_modules": ["q_proj", "fc2"]},
    {"target_modules": ["conv1"]},
    {"target_modules": ["q_proj", "embed_positions"]},
    {"target_modules": ["self_attn_layer_norm"]},
    {"target_modules": ["self_attn"]},
)
CLIP_TARGETS: Targets = (
    {"target_modules": ["q_proj", "patch_embedding"]},
    {"target_modules": ["patch_embedding"]},
    {"target_modules": ["token_embedding", "out_proj"]},
    {"target_modules": ["visual_projection"]},
    {"target_modules": ["pre_layrnorm"]},
)


def make_gpt2() -> Any:
    """A small GPT-2, whose layers are Conv1D."""
    from transformers import GPT2Config, GPT2LMHeadModel

    return GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=64))


def make_whisper() -> Any:
    """A small Whisper, with Conv1d and LayerNorm."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    sizes: dict[str, Any] = {"d_model": 32, "vocab_size": 64, "num_mel_bins": 32}
    for side in ("encoder", "decoder"):
        sizes |= {f"{side}_layers": 2, f"{side}_attention_heads": 4, f"{side}_ffn_dim": 64}
    tokens = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    return WhisperForConditionalGeneration(WhisperConfig(**sizes, **tokens))


def make_clip() -> Any:
    """A small CLIP, with Conv2d and embeddings."""
    from transformers import CLIPConfig, CLIPModel

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    text = {**sizes, "num_attention_heads": 4, "vocab_size": 64, "max_position_embeddings": 16}
    vision = {**sizes, "num_attention_heads": 4, "image_size": 32, "patch_size": 8}
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=32))


MODELS: tuple[tuple[Any, Targets], ...] = (
    (make_model, TARGETS),
    (make_gpt2, GPT2_TARGETS),
    (make_whisper, WHISPER_TARGETS),
    (make_clip, CLIP_TARGETS),
)
"""Makers of models, and targets for each: all kinds of modules that methods tell apart."""


def draw_config(method: Method, rng: random.Random, choices: Targets = TARGETS) -> dict[str, Any]:
    """Targets, what the method needs, and a few of its fields with values right and wrong."""
    targets = {k: v for k, v in rng.choice(choices).items() if k in method.fields}
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
    """ "raises", "no match", "refuses" (a class of module), "fails" or "wraps", and the names of
    the wrapped modules, of a refusal the exception.
    """
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
            if REFUSAL.search(text):
                return "refuses", frozenset({type(error).__name__})
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
    plan = compute_plan(chosen, tree, method=method.name)
    if plan is not None and plan.error is not None and plan.error.code == "unsupported-module":
        return "refuses", frozenset({plan.error.exception})
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
    trees = [read_module(make()) for make, _ in MODELS]
    outcomes: Counter[str] = Counter()
    different = untold = 0
    for _ in range(number):
        index = rng.choice([0, 0, *range(len(MODELS))])
        make, choices = MODELS[index]
        values = draw_config(method, rng, choices)
        theirs, ours = ask_peft(method, values, make()), ask_loracheck(method, values, trees[index])
        outcomes[theirs[0]] += 1
        if theirs == ours or {theirs[0], ours[0]} == {"fails", "no match"}:
            continue
        if (theirs[0], ours[0]) == ("fails", "refuses"):
            continue  # a value that fails at a layer before the refused one
        unsaid = ours[0] == "wraps" != theirs[0] or (theirs[0], ours[0]) == ("raises", "refuses")
        if unsaid and method.name != "ADALORA":
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
