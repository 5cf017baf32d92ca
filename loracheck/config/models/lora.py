"""`LoraConfig`: the remaining fields, variants and quantisation (PEFT 0.21.2,
`tuners/lora/config.py`).
"""

from __future__ import annotations

from typing import Any

from .base import Flag, Index, Positive, Text, Tokens, Whole, describe_field
from .core import Core
from .inits import CordaConfig, EvaConfig, LoftQConfig, LoraGAConfig
from .variants import (
    ArrowConfig,
    BdLoraConfig,
    KasaConfig,
    LoraRuntimeConfig,
    MontecloraConfig,
    VeloraConfig,
)

REFUSED = "LoraConfig raises TypeError"


class LoraConfig(Core):
    """Every field of PEFT's LoraConfig."""

    fan_in_fan_out: Flag = describe_field(
        False,
        "The adapted layer stores its weight as (in, out), as GPT-2's Conv1D does. PEFT corrects a "
        "wrong value with a warning.",
        since="0.0.1",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
    )
    use_dora: Flag = describe_field(
        False,
        "Weight-decomposed LoRA (DoRA, arXiv:2402.09353): a trained magnitude beside the low-rank "
        "direction. Better at low ranks, slower; merge before serving.",
        since="0.9.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
    )
    lora_bias: Flag = describe_field(
        False,
        "A bias on B, for LoRA extracted from a full fine-tune. Only with init_lora_weights true "
        "or false and without DoRA; cannot be merged into layers that have no bias.",
        since="0.14.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
    )
    ensure_weight_tying: Flag = describe_field(
        False,
        "Keep tied weights (input embedding and head) tied when one of them is trained or adapted.",
        since="0.18.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
    )
    trainable_token_indices: Tokens | dict[Text, Tokens] | None = describe_field(
        None,
        "Token ids whose embedding rows are trained, instead of the whole embedding. A list means "
        "the input embedding; a mapping names the embedding modules.",
        since="0.15.0",
        peft="Optional[Union[list[int], dict[str, list[int]]]]",
        effect="fails",
        outcome="wrapping the embedding or the first forward pass fails",
        examples=([32000, 32001], {"embed_tokens": [32000]}),
        source="PEFT 0.21.2, utils/other.py, tuners/trainable_tokens/layer.py",
    )
    layer_replication: list[tuple[Whole, Whole]] | None = describe_field(
        None,
        "Build a deeper (or shallower) model from [start, end) ranges of its layers; weights are "
        "shared, adapters are not. Llama, Bert and Falcon layouts only.",
        since="0.10.0",
        peft="Optional[list[tuple[int, int]]]",
        effect="fails",
        outcome="replicating the layers fails",
        examples=([[0, 16], [8, 24]],),
        source="PEFT 0.21.2, tuners/tuners_utils.py (replicate_layers)",
    )
    use_qalora: Flag = describe_field(
        False,
        "Quantisation-aware LoRA (arXiv:2309.14717). Only acts on GPTQ models; ignored elsewhere.",
        since="0.16.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
    )
    qalora_group_size: Positive = describe_field(
        16,
        "Input features pooled together by QA-LoRA; must divide the layer's input size. Only with "
        "use_qalora.",
        since="0.16.0",
        peft="int",
        outcome="PEFT does not check it, and QA-LoRA fails on a GPTQ layer",
        source="PEFT 0.21.2, tuners/lora/variants.py (QALoraLinearVariant)",
    )
    alora_invocation_tokens: list[Index] | None = describe_field(
        None,
        "Activated LoRA (arXiv:2504.12397): the token ids after which the adapter starts to act. "
        "Only with task_type CAUSAL_LM; inputs without these tokens train nothing.",
        since="0.18.0",
        peft="Optional[list[int]]",
        outcome="PEFT does not check it, and the tokens are never found",
        source="PEFT 0.21.2, tuners/lora/variants.py (ALoraLinearVariant)",
    )
    megatron_config: dict[str, Any] | None = describe_field(
        None,
        "Arguments of Megatron's TransformerConfig, for LoRA on its parallel linear layers. Needs "
        "Megatron installed.",
        since="0.7.0",
        peft="Optional[dict]",
        effect="fails",
        outcome="building Megatron's TransformerConfig from it fails",
        source="PEFT 0.21.2, tuners/lora/tp_layer.py (dispatch_megatron)",
    )
    megatron_core: Text | None = describe_field(
        "megatron.core",
        "The Megatron module to import; must begin with 'megatron.'. Only read with "
        "megatron_config.",
        since="0.7.0",
        peft="Optional[str]",
        outcome="nothing reads it without megatron_config",
        source="PEFT 0.21.2, tuners/lora/tp_layer.py (dispatch_megatron)",
    )
    loftq_config: LoftQConfig | None = describe_field(
        {},
        "Options of LoftQ; needs init_lora_weights 'loftq'. Give both keys: PEFT reads them "
        "without defaults when they come as a mapping.",
        since="0.7.0",
        peft="Union[LoftQConfig, dict]",
        outcome="PEFT drops it unless init_lora_weights is 'loftq'",
        examples=({"loftq_bits": 4, "loftq_iter": 1},),
    )
    eva_config: EvaConfig | None = describe_field(
        None,
        "Options of EVA; needs init_lora_weights 'eva'.",
        since="0.14.0",
        peft="Optional[EvaConfig]",
        effect="raises",
        outcome=REFUSED,
        examples=({"rho": 2.0},),
    )
    corda_config: CordaConfig | None = describe_field(
        None,
        "Options of CorDA; needs init_lora_weights 'corda' and `preprocess_corda` before wrapping.",
        since="0.15.0",
        peft="Optional[CordaConfig]",
        effect="raises",
        outcome=REFUSED,
        examples=({"corda_method": "kpm"},),
    )
    lora_ga_config: LoraGAConfig | None = describe_field(
        None,
        "Options of LoRA-GA; needs init_lora_weights 'lora_ga' and `preprocess_loraga` before "
        "wrapping.",
        since="0.19.0",
        peft="Optional[LoraGAConfig]",
        effect="raises",
        outcome=REFUSED,
        examples=({"direction": "ArB2r"},),
    )
    velora_config: VeloraConfig | None = describe_field(
        None,
        "Switches VeLoRA on (arXiv:2405.17991): less memory for the activations of A.",
        since="0.20.0",
        peft="Optional[Union[VeloraConfig, dict]]",
        effect="raises",
        outcome=REFUSED,
        examples=({"num_groups": 64},),
    )
    monteclora_config: MontecloraConfig | None = describe_field(
        None,
        "Switches MonteCLoRA on: Monte Carlo sampling on top of LoRA.",
        since="0.20.0",
        peft="Optional[MontecloraConfig]",
        effect="fails",
        outcome="wrapping the first layer raises AttributeError",
        examples=({"num_samples": 8},),
    )
    kasa_config: KasaConfig | None = describe_field(
        None,
        "Switches KaSA on (arXiv:2412.06071): cuts the smallest singular values off the base "
        "weight, which cannot be undone, and trains a diagonal between A and B. r must be smaller "
        "than every adapted dimension.",
        since="0.21.0",
        peft="Optional[KasaConfig]",
        effect="raises",
        outcome=REFUSED,
        examples=({"beta": 1e-4, "gamma": 1e-3},),
    )
    use_bdlora: BdLoraConfig | None = describe_field(
        None,
        "Switches BD-LoRA on. Despite its name it is not a boolean: it takes the sub-config.",
        since="0.19.0",
        peft="Optional[BdLoraConfig]",
        effect="raises",
        outcome=REFUSED,
        examples=({"target_modules_bd_a": ["o_proj"], "target_modules_bd_b": ["q_proj"]},),
    )
    arrow_config: ArrowConfig | None = describe_field(
        None,
        "Arrow routing (arXiv:2405.11157). `create_arrow_model` sets it; by hand it fails.",
        since="0.18.0",
        peft="Optional[ArrowConfig]",
        effect="raises",
        outcome=REFUSED,
    )
    runtime_config: LoraRuntimeConfig = describe_field(
        {},
        "Options of the running process. Never saved; PEFT drops it from a file with a warning.",
        since="0.12.0",
        peft="LoraRuntimeConfig",
        effect="fails",
        outcome="wrapping the first layer raises AttributeError",
    )
