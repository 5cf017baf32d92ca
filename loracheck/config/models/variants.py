"""Sub-configs that switch a LoRA variant on: PEFT 0.21.2 `tuners/lora/config.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Flag, Model, Names, Number, Positive, Whole, describe_field

CONFIG = "PEFT 0.21.2, tuners/lora/config.py"
VELORA = CONFIG + " (VeloraConfig); VeLoRA, arXiv:2405.17991"
KASA = CONFIG + " (KasaConfig); KaSA, arXiv:2412.06071"
ARROW = CONFIG + " (ArrowConfig); Arrow, arXiv:2405.11157"
BDLORA = CONFIG + " (BdLoraConfig), tuners/lora/variants.py"
MONTECLORA = CONFIG + " (MontecloraConfig), tuners/lora/monteclora.py"


class LoraRuntimeConfig(Model):
    """Options of one process; never saved."""

    ephemeral_gpu_offload: Flag = describe_field(
        False,
        "Move data to the GPU for heavy steps and back when parts of the model live on the CPU. "
        "Only DoRA's initialisation uses it.",
        since="0.12.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=CONFIG + " (LoraRuntimeConfig)",
    )


class VeloraConfig(Model):
    """Switches VeLoRA on: the backward pass keeps compressed activations."""

    num_groups: Positive = describe_field(
        64,
        "Groups that the input features are split into before compression. More groups, less "
        "error, more memory.",
        since="0.20.0",
        peft="int",
        effect="raises",
        outcome="VeloraConfig raises an error",
        source=VELORA,
    )
    scale: Annotated[Number, Field(gt=0)] = describe_field(
        1.0,
        "Factor on the reconstructed activations in the backward pass.",
        since="0.20.0",
        peft="float",
        effect="raises",
        outcome="VeloraConfig raises an error",
        source=VELORA,
    )
    init_type: Literal["batch_average", "batch_average_once", "random"] = describe_field(
        "batch_average",
        "How the projection is found: from every batch, from the first batch only, or at random.",
        since="0.20.0",
        peft="Literal['batch_average', 'batch_average_once', 'random']",
        effect="raises",
        outcome="VeloraConfig raises ValueError",
        source=VELORA,
    )


class KasaConfig(Model):
    """Switches KaSA on: the smallest singular values of the base weight are cut off, for good."""

    beta: Annotated[Number, Field(ge=0)] = describe_field(
        1e-4,
        "Weight of the penalty on the learned singular values. Only counts when the training loop "
        "adds `_get_kasa_loss` to the loss.",
        since="0.21.0",
        peft="float",
        effect="raises",
        outcome="KasaConfig raises an error",
        source=KASA,
    )
    gamma: Annotated[Number, Field(ge=0)] = describe_field(
        1e-3,
        "Weight of the penalty that keeps A and B near orthogonal. Only counts when the training "
        "loop adds `_get_kasa_loss` to the loss.",
        since="0.21.0",
        peft="float",
        effect="raises",
        outcome="KasaConfig raises an error",
        source=KASA,
    )


class ArrowConfig(Model):
    """Routing over several trained adapters; set by `create_arrow_model`."""

    top_k: Positive = describe_field(
        3,
        "How many adapters are mixed for a token.",
        since="0.18.0",
        peft="int",
        effect="raises",
        outcome="ArrowConfig raises an error",
        source=ARROW,
    )
    router_temperature: Annotated[Number, Field(gt=0)] = describe_field(
        1.0,
        "Softmax temperature of the router.",
        since="0.18.0",
        peft="float",
        effect="raises",
        outcome="ArrowConfig raises an error",
        source=ARROW,
    )
    use_gks: Flag = describe_field(
        False,
        "Subtract what general-purpose adapters have learned (GenKnowSub) before routing.",
        since="0.18.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=ARROW,
    )
    task_adapter_names: Names | None = describe_field(
        None,
        "Names of the task adapters. `create_arrow_model` fills it in; a value of your own is "
        "dropped.",
        since="0.18.0",
        peft="Optional[list[str]]",
        outcome="PEFT drops it: create_arrow_model sets it",
        source=ARROW,
        internal=True,
    )
    gks_adapter_names: Names | None = describe_field(
        None,
        "Names of the general adapters. `create_arrow_model` fills it in; a value of your own is "
        "dropped.",
        since="0.18.0",
        peft="Optional[list[str]]",
        outcome="PEFT drops it: create_arrow_model sets it",
        source=ARROW,
        internal=True,
    )
    rng_seed: Whole | None = describe_field(
        None,
        "Seed of the router's sampling; null means a different draw each time.",
        since="0.18.0",
        peft="Optional[int]",
        outcome="the config takes it without a check; the forward pass fails",
        source=ARROW,
    )


class BdLoraConfig(Model):
    """Switches BD-LoRA on: block-diagonal factors that a tensor-parallel server can split."""

    target_modules_bd_a: Names | None = describe_field(
        None,
        "Modules whose A is block-diagonal: those a server shards by row, such as o_proj and "
        "down_proj. An entry matches anywhere inside the module's name.",
        since="0.19.0",
        peft="Optional[list[str]]",
        effect="silent",
        outcome="PEFT takes a string letter by letter",
        examples=(["o_proj", "down_proj"],),
        source=BDLORA,
    )
    target_modules_bd_b: Names | None = describe_field(
        None,
        "Modules whose B is block-diagonal: those a server shards by column, such as q_proj, "
        "k_proj, v_proj, gate_proj and up_proj. An entry matches anywhere inside the "
        "module's name.",
        since="0.19.0",
        peft="Optional[list[str]]",
        effect="silent",
        outcome="PEFT takes a string letter by letter",
        examples=(["q_proj", "k_proj", "v_proj", "gate_proj", "up_proj"],),
        source=BDLORA,
    )
    nblocks: Positive = describe_field(
        1,
        "Number of blocks: the tensor-parallel size of the server. Must divide r and the sharded "
        "dimension.",
        since="0.19.0",
        peft="int",
        effect="fails",
        outcome="wrapping the first block-diagonal layer fails",
        examples=(2, 4, 8),
        source=BDLORA,
    )
    match_strict: Flag = describe_field(
        True,
        "Fail when a target is in neither of the two lists. False trains such targets with plain "
        "LoRA.",
        since="0.19.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=BDLORA,
    )


class MontecloraConfig(Model):
    """Switches MonteCLoRA on: Monte Carlo samples on top of the LoRA weights."""

    num_samples: Positive = describe_field(
        8,
        "Samples per forward pass. More is smoother and slower.",
        since="0.20.0",
        peft="int",
        effect="raises",
        outcome="MontecloraConfig raises an error",
        source=MONTECLORA,
    )
    use_entropy: Flag = describe_field(
        False,
        "Add an entropy term, so that the weights do not fall on one sample.",
        since="0.20.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
        source=MONTECLORA,
    )
    dirichlet_prior: Annotated[Number, Field(gt=0)] = describe_field(
        0.1,
        "Concentration of the Dirichlet prior. Larger is more even.",
        since="0.20.0",
        peft="float",
        effect="raises",
        outcome="MontecloraConfig raises an error",
        source=MONTECLORA,
    )
    sample_scaler: Number = describe_field(
        1e-4,
        "Size of the perturbation. Near 0 it is plain LoRA.",
        since="0.20.0",
        peft="float",
        effect="fails",
        outcome="the config takes it without a check; the forward pass fails",
        source=MONTECLORA,
    )
    kl_loss_weight: Number = describe_field(
        1e-5,
        "Weight of the KL term.",
        since="0.20.0",
        peft="float",
        outcome="PEFT does not check it",
        source=MONTECLORA,
    )
    buffer_size: Positive = describe_field(
        150,
        "Size of the sampler's buffer.",
        since="0.20.0",
        peft="int",
        effect="raises",
        outcome="MontecloraConfig raises an error",
        source=MONTECLORA,
    )
