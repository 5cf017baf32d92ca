"""How PEFT's behaviour differs between its releases: one line for each change since 0.10.

The rest of the plan follows the newest release and asks here, through `EffectiveConfig.has`,
wherever an older one did otherwise. Each `Since` names the minor release whose last patch first has
the behaviour (0.10.0, 0.11.1, 0.12.0, 0.13.2, 0.14.0, 0.15.2, 0.16.0, 0.17.1, 0.18.1, 0.19.1,
0.20.0, 0.21.2) and the place in PEFT's source. A field that a release does not have at all is not
listed: it is dropped before anything is judged (`loracheck.config` knows since when it exists).
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple

Release = tuple[int, int]
"""Major and minor version."""

OLDEST: Release = (0, 10)
"""The oldest release that the plan follows."""

NEWEST: Release = (0, 21)
"""The newest one; what comes later is taken for it."""


class Since(NamedTuple):
    """A behaviour, the release that brought it, and where it stands."""

    release: Release
    source: str


def parse_release(version: str | None) -> Release:
    """The release to follow for "0.13", "0.13.2" or None (the newest).

    Older ones than OLDEST are taken for it, newer than NEWEST for that. ValueError for anything
    that is no version.
    """
    if version is None:
        return NEWEST
    from loracheck.config.release_values import parse_release_number

    return max(OLDEST, min(NEWEST, parse_release_number(version)))


def parse_newer_release(version: str | None) -> Release:
    """As `number`, without a floor: tables are known of every release."""
    if version is None:
        return NEWEST
    from loracheck.config.release_values import parse_release_number

    return min(NEWEST, parse_release_number(version))


# --- LoraConfig itself (what its `__post_init__` checks: `loracheck.config.post_init`)

SUB_CONFIGS_BUILT = Since((0, 21), "tuners/lora/config.py _get_lora_subconfig")
"""Before, a mapping given for eva, corda, lora_ga, arrow or bdlora stayed one."""
EVA_MEMORY_WARNING = Since((0, 14), "mapping_func.py get_peft_model")

# --- Which modules are targeted

EMPTY_NAME_SKIPPED = Since((0, 14), "tuners/tuners_utils.py inject_adapter")
"""Before, the model itself, whose name is empty, was matched like any module."""
DUMMY_TARGETS = Since((0, 12), "tuners/tuners_utils.py inject_adapter")
CONDENSING = Since((0, 13), "tuners/tuners_utils.py _find_minimal_target_modules")
SAVED_NOT_TARGETED = Since((0, 16), "tuners/tuners_utils.py check_target_module_exists")
"""modules_to_save keeps modules and all below them from being targeted, by a regex. Before, what
ends with an entry was wrapped for saving in the very loop that also wraps the targets.
"""
FIRST_LAYER_NUMBER = Since((0, 20), "tuners/tuners_utils.py check_target_module_exists")
"""Before, the last number of a name was its layer."""
LAYERS_PATTERN_AT_START = Since((0, 21), "tuners/tuners_utils.py check_target_module_exists")
ALL_LINEAR_FULL_NAMES = Since((0, 15), "tuners/tuners_utils.py _maybe_include_all_linear_layers")
"""all-linear stands for full names, in any nn.Module. Before, for last parts of names, in a
PreTrainedModel only.
"""
ALL_LINEAR_SPARES_HEAD = Since((0, 13), "tuners/tuners_utils.py _maybe_include_all_linear_layers")
DEFAULT_TARGETS_OR_PARAMETERS = Since((0, 17), "tuners/lora/model.py _prepare_adapter_config")
"""The words of the error where a model type has no default targets."""
MAMBA_CHECKED = Since((0, 16), "tuners/tuners_utils.py _check_lora_target_modules_mamba")
NEMOTRON_H_CHECKED = Since((0, 20), "tuners/tuners_utils.py _check_lora_target_modules_mamba")
MOE_REWRITE = Since((0, 19), "utils/transformers_weight_conversion.py _convert_peft_config_moe")
MOE_RESOLVES_PATTERNS = Since((0, 20), "utils/transformers_weight_conversion.py")
"""Before, a string was taken for the list of its characters, and all-linear with it."""
ROOT_PARAMETER_REFUSED = Since((0, 20), "tuners/tuners_utils.py _inject_parameters")

# --- What is said when nothing, or not everything, matched

EXCLUSION_TOLD = Since((0, 14), "tuners/tuners_utils.py inject_adapter")
"""Errors tell excluded modules from unmatched ones, and name the layers that were asked for."""
NO_TARGETS_TOLD = Since((0, 17), "tuners/tuners_utils.py inject_adapter")
NO_MATCH_ERROR = Since((0, 21), "utils/error.py NoMatchingPeftModuleError")
"""Before, a plain ValueError."""
DEAD_PATTERNS_WARN = Since((0, 21), "tuners/tuners_utils.py inject_adapter")

# --- Rank and alpha

PATTERNS_APART = Since((0, 14), "tuners/lora/model.py _create_and_replace")
"""Before, the keys of both patterns stood in one row: the first that matched served both."""
PATTERNS_WHOLE = Since((0, 15), "utils/other.py get_pattern_key")
r"""`(.*\.)?({key})$`; before, `.*\.{key}$`."""

# --- Layers

CONV3D = Since((0, 14), "tuners/lora/layer.py Conv3d")
CONV_OWN_CLASS = Since((0, 14), "tuners/lora/layer.py _ConvNd.update_layer")
CONV1D_AND_ATTENTION = Since((0, 15), "tuners/lora/layer.py Conv1d, MultiheadAttention")
CONV_GROUPS = Since((0, 16), "tuners/lora/layer.py _ConvNd")
"""Before, lora_B had no groups, nothing was checked, and DoRA's weights did not fit."""
MAGNITUDE_MODULE = Since((0, 12), "tuners/lora/layer.py LoraLayer.__init__")
"""Every layer has a dict of modules for DoRA's magnitudes; before, one of parameters, with DoRA."""
DORA_CONV1D = Since((0, 11), "tuners/lora/layer.py _get_weight_norm")
"""The weight of transformers' Conv1D is turned round for DoRA."""
DORA_EMBEDDING = Since((0, 13), "tuners/lora/layer.py Embedding")
PISSA_CONV1D = Since((0, 14), "tuners/lora/layer.py pissa_init")
PISSA = Since((0, 11), "tuners/lora/layer.py update_layer")
OLORA = Since((0, 12), "tuners/lora/layer.py update_layer")
EVA = Since((0, 14), "tuners/lora/layer.py update_layer")
CORDA = Since((0, 15), "tuners/lora/layer.py update_layer")
ORTHOGONAL = Since((0, 16), "tuners/lora/layer.py update_layer")
LORA_GA = Since((0, 19), "tuners/lora/layer.py update_layer")
MICA = Since((0, 20), "tuners/lora/layer.py update_layer")
MISSING_BIAS_WARNS = Since((0, 18), "tuners/lora/layer.py update_layer")
VARIANTS_EXCLUDE = Since((0, 20), "tuners/lora/layer.py resolve_lora_variant")
"""Two variants, or one the layer does not know, are refused. Before, one of them won."""
ALORA_IN_CONFIG = Since((0, 19), "tuners/lora/layer.py _ConvNd.__init__, MultiheadAttention")
"""Before, convolutions and attention refused aLoRA; since, they look where it no longer is."""
OUT_PROJ_TYPE_ERROR = Since((0, 20), "tuners/lora/layer.py MultiheadAttention.__init__")
PARAMETER_DIMENSIONS = Since((0, 21), "tuners/lora/layer.py ParamWrapper")
"""Before, a parameter of one dimension was an IndexError."""
PARAMETER_OWN_FEATURES = Since((0, 19), "tuners/lora/layer.py ParamWrapper._get_in_out_features")
"""Before, a module of no known class was warned of when a parameter of it was wrapped."""

# --- What trains

BIAS_BY_LAST_PART = Since((0, 21), "tuners/tuners_utils.py _mark_only_adapters_as_trainable")
"""`bias: all` trains parameters called bias; before, all with "bias" anywhere in the full name."""
ANY_ONLY_BIAS = Since((0, 18), "tuners/tuners_utils.py _mark_only_adapters_as_trainable")
"""Any `*_only` is taken for lora_only; before, only that word was."""
CAST_LETS_ROWS_TRAIN = Since((0, 21), "tuners/tuners_utils.py cast_adapter_dtype")
"""Token rows of a half-precision model are put anew into their ParameterDict as float32, where they
train, whatever inference_mode says. Before, only their data was cast.
"""
INFERENCE_BY_LAYER = Since((0, 21), "tuners/tuners_utils.py inject_adapter")
"""Before, inference_mode froze every parameter with the adapter's name in its own."""

# --- modules_to_save, and the heads of a task

SEQ2SEQ_ASKS_LESS = Since((0, 21), "peft_model.py PeftModelForSeq2SeqLM")
"""Before, the model had to have `_prepare_encoder_decoder_kwargs_for_generation`."""
HEADS_BEFORE = Since((0, 16), "peft_model.py PeftModelForSequenceClassification")
"""SEQ_CLS adds its head before the injection."""
HEADS_IN_CONFIG = Since((0, 11), "peft_model.py")
"""The heads of a task are appended to the config's own list, which therefore has to be one."""
SAVE_UNDER_EVERY_NAME = Since((0, 15), "utils/other.py _set_trainable")
SAVE_REFUSES_ADAPTERS = Since((0, 13), "utils/other.py ModulesToSaveWrapper.check_module")
SAVE_REFUSES_PARTS = Since((0, 18), "utils/other.py _set_trainable")
SAVE_KNOWS_ITS_PARTS = Since((0, 19), "utils/other.py _set_trainable")
SAVE_KEEPS_COPY = Since((0, 15), "utils/other.py ModulesToSaveWrapper.update")
"""A module met again keeps its copy; before, it was copied anew."""
SAVE_FORWARDS = Since((0, 14), "utils/other.py ModulesToSaveWrapper.__getattr__")
SAVE_MINDS_INFERENCE = Since((0, 18), "utils/other.py ModulesToSaveWrapper.set_adapter")
"""In inference mode the saved copies and token rows are frozen too."""

# --- Tied embeddings and token rows

TIED_TARGETS_WARN = Since((0, 13), "tuners/tuners_utils.py _get_tied_target_modules")
TIED_TARGETS_BY_LAST_PART = Since((0, 15), "tuners/tuners_utils.py _get_tied_target_modules")
TIED_CHECKED_BEFORE = Since((0, 19), "tuners/tuners_utils.py _check_tied_modules")
"""Targets are looked at before the injection, like modules_to_save; before, after it."""
TIED_SAVED_CHECKED = Since((0, 18), "tuners/tuners_utils.py _check_tied_modules")
TIED_ASKS_CONFIG = Since((0, 20), "utils/other.py _get_module_names_tied_with_embedding")
"""`tie_word_embeddings: false` means that nothing is tied, whatever the class could tie."""
TOKENS_INJECTED = Since((0, 16), "tuners/tuners_utils.py inject_adapter")
"""Before, the PeftModel added the token rows, so names began with `base_model.model.`."""
TOKENS_OF_EMBEDDINGS = Since((0, 16), "tuners/trainable_tokens/layer.py update_layer")
"""The layer has to have an embedding_dim; before, a weight was enough."""
TOKENS_OF_LINEAR = Since((0, 18), "tuners/trainable_tokens/layer.py update_layer")
"""in_features will do too; classes that PEFT does not know are warned of."""
TOKENS_DETACHED = Since((0, 21), "tuners/trainable_tokens/layer.py update_layer")
"""The rows kept for later are cut off from a weight that trains; before, no copy could be made."""
TOKENS_OF_TIED_LAYERS = Since((0, 19), "utils/other.py set_additional_trainable_modules")
"""Entries for several tied layers are compared; before, each was wrapped by itself."""
