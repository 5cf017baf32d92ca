"""Sub-configs that belong to one `init_lora_weights` each: PEFT 0.21.2 `tuners/lora/config.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Flag, Model, Number, Positive, Text, Whole, describe_field

EVA = "PEFT 0.21.2, tuners/lora/config.py (EvaConfig); EVA, arXiv:2410.07170"
CORDA = "PEFT 0.21.2, tuners/lora/config.py (CordaConfig); CorDA, arXiv:2406.05223"
LORA_GA = "PEFT 0.21.2, tuners/lora/layer.py (lora_ga_init); LoRA-GA, arXiv:2407.05000"
LOFTQ = "PEFT 0.21.2, utils/loftq_utils.py (loftq_init); LoftQ, arXiv:2310.08659"


class LoftQConfig(Model):
    """Options of `init_lora_weights='loftq'`."""

    loftq_bits: Literal[4, 8] = describe_field(
        4,
        "Bits that LoftQ quantises the base weights to: 4 (nf4) or 8.",
        since="0.7.0",
        peft="int",
        effect="fails",
        outcome="wrapping the first layer raises ValueError",
        source=LOFTQ,
    )
    loftq_iter: Positive = describe_field(
        1,
        "How often LoftQ alternates between quantising and the low-rank fit.",
        since="0.7.0",
        peft="int",
        effect="fails",
        outcome="wrapping the first layer fails",
        source=LOFTQ,
    )


class EvaConfig(Model):
    """Options of `init_lora_weights='eva'`."""

    rho: Annotated[Number, Field(ge=1)] = describe_field(
        2.0,
        "How far EVA may raise the rank of one layer: up to rho times r. 1.0 keeps every layer at "
        "r.",
        since="0.14.0",
        peft="float",
        effect="raises",
        outcome="EvaConfig raises an error",
        source=EVA,
    )
    tau: Annotated[Number, Field(ge=0, le=1)] = describe_field(
        0.99,
        "Cosine similarity between two steps of the SVD above which EVA stops.",
        since="0.14.0",
        peft="float",
        effect="raises",
        outcome="EvaConfig raises an error",
        source=EVA,
    )
    use_label_mask: Flag = describe_field(
        True,
        "Leave positions whose label is `label_mask_value` out of the SVD.",
        since="0.14.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=EVA,
    )
    label_mask_value: Whole = describe_field(
        -100,
        "The label that marks an ignored position.",
        since="0.14.0",
        peft="int",
        outcome="PEFT does not check it",
        source=EVA,
    )
    whiten: Flag = describe_field(
        False,
        "Whiten the singular vectors; of use for vision models.",
        since="0.14.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=EVA,
    )
    adjust_scaling_factors: Flag = describe_field(
        True,
        "Scale alpha along with the ranks that EVA hands out, so that the gradients keep their "
        "size.",
        since="0.14.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=EVA,
    )


class CordaConfig(Model):
    """Options of `init_lora_weights='corda'`."""

    cache_file: Text | None = describe_field(
        None,
        "File for the decomposition, so that the initial weights can be built again quickly.",
        since="0.15.0",
        peft="Optional[str]",
        outcome="PEFT does not check it",
        source=CORDA,
    )
    covariance_file: Text | None = describe_field(
        None,
        "File for the covariance matrices, to be shared by runs with different ranks. About as "
        "large as the model.",
        since="0.15.0",
        peft="Optional[str]",
        outcome="PEFT does not check it",
        source=CORDA,
    )
    corda_method: Literal["ipm", "kpm"] = describe_field(
        "ipm",
        "`ipm` adapts faster to the new task, `kpm` keeps more of what the model knew.",
        since="0.15.0",
        peft="Literal['ipm', 'kpm']",
        outcome="the config takes it without a check; `preprocess_corda` fails",
        source=CORDA,
    )
    verbose: Flag = describe_field(
        False,
        "Print the progress of the initialisation.",
        since="0.15.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=CORDA,
    )
    use_float16_for_covariance: Flag = describe_field(
        False,
        "Keep the covariance in float16: half the memory, less exact.",
        since="0.15.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=CORDA,
    )
    prune_temporary_fields: Flag = describe_field(
        True,
        "Drop what the preprocessing stored on the model.",
        since="0.15.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=CORDA,
    )


class LoraGAConfig(Model):
    """Options of `init_lora_weights='lora_ga'`."""

    direction: Literal["ArBr", "A2rBr", "ArB2r", "random"] = describe_field(
        "ArB2r",
        "Which singular vectors of the gradient go to A and which to B.",
        since="0.19.0",
        peft="Literal['ArBr', 'A2rBr', 'ArB2r', 'random']",
        outcome="the config takes it without a check; the initialisation fails once gradients "
        "exist",
        source=LORA_GA,
    )
    scale: Literal["stable", "weight_svd", "gd_scale", "unit"] = describe_field(
        "stable",
        "How the initial matrices are scaled.",
        since="0.19.0",
        peft="Literal['stable', 'weight_svd', 'gd_scale', 'unit']",
        outcome="PEFT does not check it; an unknown name means no scaling",
        source=LORA_GA,
    )
    stable_gamma: Positive = describe_field(
        16,
        "Gamma of the `stable` scaling; larger gives smaller initial weights.",
        since="0.19.0",
        peft="int",
        outcome="the config takes it without a check; the initialisation fails or divides by zero",
        source=LORA_GA,
    )
