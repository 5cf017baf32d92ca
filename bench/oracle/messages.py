"""PEFT's messages and loracheck's codes: which message means which code."""

from __future__ import annotations

import re
from importlib.util import find_spec

from loracheck.plan.config.releases import parse_release

SAME_WORDS = find_spec("peft") is not None and find_spec("peft.utils.error") is None
"""Before PEFT 0.21 the error for token rows of no module read like the one for targets."""

NO_MATCH = "no-target-matches"

CONTAINERS = "(ModuleList|ParametrizationList|ModuleDict|Parameter(List|Dict))"

ERRORS: list[tuple[str, str]] = [
    ("Invalid task type", "invalid-task-type"),
    ("size mismatch, got|must match the size of tensor|t\\(\\) expects", "init-shape-mismatch"),
    (
        "new\\(\\): invalid|too many indices|only integers, slices|The shape of the mask|"
        "Could not infer dtype|expected sequence of length|not a sequence|shape mismatch: indexing",
        "tokens-type",
    ),
    ("object has no attribute 'num_samples'", "subconfig-type"),
    ("'<' not supported between", "subconfig-type"),
    ("object has no attribute '(split|rpartition)'", "wrong-type"),
    ("division result too large", "alpha-type"),
    ("`target_parameters` must be a list", "target-parameters-str"),
    ("`layers_to_transform` cannot be used", "layers-to-transform-with-regex"),
    ("`layers_pattern` cannot be used", "layers-pattern-with-regex"),
    ("When `layers_pattern` is specified", "layers-pattern-alone"),
    ("DoRA does not support megatron", "dora-with-megatron"),
    ("`loftq_config` must be specified", "loftq-config-missing"),
    ("lora_bias=True is only supported with init", "lora-bias-with-init"),
    ("lora_bias=True is not supported for DoRA", "lora-bias-with-dora"),
    (r"^`\w+Config` must be a", "subconfig-type"),
    (
        "must be greater than 0|should be positive|must be non-negative|Unsupported `init_type`|"
        "`rho` must|`tau` must|top_k cannot|router_temperature must|Found overlapping",
        "subconfig-value",
    ),
    ("has no attribute 'extend'", "modules-to-save-type"),
    ("Cannot convert PEFT target", "moe-half-of-fused-pair"),
    ("Please specify `target_modules`|^'model_type'$", "no-default-targets"),
    ("All modules were excluded", "all-excluded"),
    ("No `target_modules` passed but", "no-targets-given"),
    (r"^Target modules .* not found in the base model.*Please check", NO_MATCH),
    ("No modules were targeted for adaptation", "excluded-and-unmatched"),
    ("is incompatible with Mamba", "mamba-module"),
    ("is not supported. Currently, only the following", "unsupported-module"),
    ("should be a positive integer value", "rank-not-positive"),
    (
        "'<=' not supported between|empty\\(\\)|randn\\(\\)"
        "|unsupported operand type\\(s\\) for %"
        "|not all arguments converted",
        "rank-type",
    ),
    ("dropout probability has to be", "dropout-range"),
    ("'>' not supported between", "dropout-type"),
    ("unsupported operand type\\(s\\) for /", "alpha-type"),
    ("Invalid or unsupported variant combination", "unsupported-variant"),
    (
        "Unknown initialization|init_lora_weights should be 'pissa'|invalid literal for int",
        "unknown-init",
    ),
    ("object has no attribute 'lower'", "init-type"),
    ("has no attribute 'weight'", "without-weight"),
    ("`eigens` attribute not found", "corda-not-preprocessed"),
    ("MiCA requires", "mica-rank"),
    ("KaSA requires", "kasa-rank"),
    ("KaSA does not support `fan_in", "kasa-conv1d"),
    ("Orthogonal initialization requires", "orthogonal-odd-rank"),
    ("loftq_init\\(\\) missing", "loftq-on-layer"),
    ("^'loftq_", "loftq-key-missing"),
    ("matches both A and B", "bdlora-both"),
    ("matches neither A nor B", "bdlora-neither"),
    ("not divisible by|integer modulo by zero", "bdlora-blocks"),
    ("object has no attribute '(in|out)_features'", "without-features"),
    ("`get_input_embeddings` not auto", "no-input-embeddings"),
    ("'NoneType' object has no attribute 'copy'|has no attribute 'top_k'", "arrow-config"),
    (r"lora_bias=\w+ is not supported for Embedding", "lora-bias-on-embedding"),
    ("VeLoRA does not support adapting conv", "conv-velora"),
    ("with groups=", "conv-groups-rank"),
    ("aLoRA does not support adapting conv", "conv-alora"),
    ("Embedding does not support DoRA yet", "dora-on-embedding"),
    ("^shape '.*' is invalid for input of size", "dora-conv-groups"),
    ("Only instances of PreTrainedModel support", "all-linear-plain-module"),
    ("Only same (embed|dim) for query", "attention-dimensions"),
    ("out_proj must be", "attention-out-proj"),
    ("MultiheadAttention does not support", "attention-variant"),
    ("dimensional Parameter, but only|^tuple index out of range", "parameter-dimensions"),
    ("ParamWrapper does not work with lora_dropout", "parameter-dropout"),
    ("ParamWrapper does not work with fan_in", "parameter-fan-in-fan-out"),
    ("ParamWrapper does not work with lora_bias", "parameter-bias"),
    ("ParamWrapper does not work with use_dora", "parameter-use-dora"),
    ("ParamWrapper does not work when `velora", "parameter-velora-config"),
    ("ParamWrapper does not work when `kasa", "parameter-kasa-config"),
    ("on the top-level module is not supported", "parameter-on-root"),
    ("Trying to wrap an `nn.Parameter`", "parameter-of-wrapped-module"),
    ("that is a child of", "child-of-adapter"),
    (
        f"modules_to_save cannot be applied to modules of type .*{CONTAINERS}",
        "modules-to-save-on-container",
    ),
    ("modules_to_save cannot be applied", "modules-to-save-on-adapter"),
    (
        f"trainable_token_indices cannot be applied to modules of type .*{CONTAINERS}",
        "trainable-token-indices-on-container",
    ),
    ("trainable_token_indices cannot be applied", "trainable-token-indices-on-adapter"),
    ("already marked to be trained fully", "tokens-also-saved"),
    ("^Only Tensors created explicitly by the user", "copied-token-rows"),
    ("^maximum recursion depth exceeded", "model-in-itself"),
    ("Cannot ensure weight tying", "tokens-tying-mismatch"),
    ("index -?\\d+ is out of bounds", "tokens-range"),
    ("index -?\\d+ is out of range", "replication-range"),
    ("Could not locate the layers", "replication-no-layers"),
    (
        "cannot unpack|not enough values|too many values|cannot be interpreted as an integer",
        "replication-form",
    ),
    ("object has no attribute 'config'", "replication-config"),
    ("Requested bias|has no attribute 'endswith'", "bias-value"),
    ("has no attribute 'prepare_inputs_for_generation'", "no-generation"),
    ("has no attribute 'lora_embedding_A'|has no attribute 'modules_to_save'", "tied-embedding"),
    ("should not contain an empty string", "empty-target"),
    ("does not start with a valid prefix", "megatron-prefix"),
    ("No module named 'megatron'", "megatron-missing"),
    (r"MontecloraConfig.__init__\(\) got an unexpected", "subconfig-key"),
    ("__init__\\(\\) got an unexpected keyword", "conv-constructor"),
    ("has no attribute 'ephemeral_gpu_offload'", "runtime-config-type"),
    ("^\\w+ has no attribute `", "missing-attribute"),
    (
        "'in <string>' requires|has no attribute '(keys|append)'|is not iterable|has no len"
        "|type\\(s\\) for \\*",
        "wrong-type",
    ),
    ("endswith first arg must be|unhashable type", "wrong-type"),
    ("^'\\w+' object has no attribute '", "missing-attribute"),
]

WARNINGS: list[tuple[str, str]] = [
    (r"`(loftq|eva|corda)_config` specified but", r"\1-config-ignored"),
    (r"is '(eva|corda)' but `\w+` is not specified", r"\1-config-missing"),
    ("aLoRA is currently only", "alora-task"),
    ("Using Rank-Stabilized LoRA with", "rslora-pattern-conversion"),
    ("lora with eva initialization", "eva-low-cpu"),
    ("but `ensure_weight_tying` is not set", "tied-without-ensure"),
    ("but no tied modules are added", "ensure-tying-nothing-added"),
    ("but no tied modules were found", "ensure-tying-untied-model"),
    ("ensure_weight_tying=True but the model", "ensure-tying-untied-tokens"),
    ("but no modules were excluded", "nothing-excluded"),
    ("were set but no module was matched", "no-module-matched"),
    ("were set but no parameter was matched", "no-parameter-matched"),
    ("The following (rank|alpha)_pattern keys", r"\1-pattern-unmatched"),
    ("no bias. This means that merging", "lora-bias-without-bias"),
    ("ConvNd layer with groups", "conv-groups"),
    ("fan_in_fan_out is set to True but", "fan-in-fan-out-linear"),
    ("fan_in_fan_out is set to False but", "fan-in-fan-out-conv1d"),
    ("Unsupported layer type", "unsupported-layer-type"),
    ("and the tied_target_modules=", "tied-targets"),
]

_ERRORS = [(re.compile(pattern, re.S), code) for pattern, code in ERRORS]
_WARNINGS = [(re.compile(pattern, re.S), code) for pattern, code in WARNINGS]


def error_code(exception: str, message: str) -> str:
    """loracheck's code for an error of PEFT; the message itself where none is known."""
    if exception in ("error", "PatternError"):
        return "invalid-regex"
    if exception == "NotImplementedError" and not message:
        return "no-input-embeddings"
    if exception == "ValueError" and message.startswith("Target modules"):
        return NO_MATCH if SAME_WORDS else "tokens-no-module"
    return _code(_ERRORS, message) or f"?{exception}: {message[:160]}"


def plan_code(code: str, release: str | None) -> str:
    """The plan's code, made coarser where the release's words do not tell as much."""
    coarse = code == "tokens-no-module" and release is not None and parse_release(release) < (0, 21)
    return NO_MATCH if coarse else code


def warning_code(message: str) -> str:
    """loracheck's code for a warning of PEFT; the message itself where none is known."""
    return _code(_WARNINGS, message) or f"?{message[:160]}"


def _code(table: list[tuple[re.Pattern[str], str]], message: str) -> str | None:
    for pattern, code in table:
        found = pattern.search(message)
        if found is not None:
            return found.expand(code)
    return None
