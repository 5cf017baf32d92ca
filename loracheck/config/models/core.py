"""The fields that decide what is adapted and how strongly: PEFT 0.21.2 `tuners/lora/config.py`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictStr

from loracheck.type_checking import TYPE_CHECKING

from .base import Flag, Index, Names, Number, Positive, Typical, describe_field
from .peft import PeftConfig

if TYPE_CHECKING:
    from loracheck.documents.values import Value

MEASURED = "counted in 1,347 LoRA settings of public training configs"
RATIO = Typical(
    0.25,
    4,
    "alpha/r from 0.25 to 4; 1 and 2 are the most common",
    "counted in 1,236 LoRA settings of public training configs: 99.6 % are inside",
)
"""The ratio lora_alpha / r, which is what scales the update."""

INIT_CHOICES = {
    "gaussian": "0.7.0",
    "loftq": "0.7.0",
    "pissa": "0.11.0",
    "olora": "0.12.0",
    "eva": "0.14.0",
    "corda": "0.15.0",
    "orthogonal": "0.16.0",
    "lora_ga": "0.19.0",
    "mica": "0.20.0",
}
PISSA_NITER = r"^pissa_niter_[0-9]+$"


def _lower_case(value: Value) -> Value:
    """PEFT lowers these two names before it compares, and no others."""
    low = value.lower() if isinstance(value, str) else value
    return low if low in ("gaussian", "olora") else value


class Core(PeftConfig):
    """Rank, scale, targets and initialisation."""

    r: Positive = describe_field(
        8,
        "Rank of the update: A is r x in, B is out x r. Trainable parameters grow in step with it.",
        since="0.0.1",
        peft="int",
        effect="fails",
        outcome="wrapping the first layer fails",
        typical=Typical(
            4,
            64,
            "4 to 64; 8, 16 and 32 are the most common",
            f"LoRA, arXiv:2106.09685 (1 to 64); {MEASURED}: 96 % are inside",
        ),
        examples=(8, 16, 32),
    )
    lora_alpha: Annotated[Number, Field(gt=0)] = describe_field(
        8,
        "Scale of the update: the adapter's output is multiplied by lora_alpha / r, or by "
        "lora_alpha / sqrt(r) with use_rslora. Fractions work too.",
        since="0.0.1",
        peft="int",
        effect="fails",
        outcome="wrapping the first layer raises TypeError",
        typical=Typical(
            8,
            128,
            "8 to 128, mostly r or 2 r; " + RATIO.text,
            f"QLoRA, arXiv:2305.14314 (r 64, alpha 16); {MEASURED}",
        ),
        examples=(16, 32),
    )
    lora_dropout: Annotated[Number, Field(ge=0, lt=1)] = describe_field(
        0.0,
        "Probability that an input of the adapter is zeroed in training. Not applied to embedding "
        "and multi-head attention layers; `target_parameters` refuses any value but 0.",
        since="0.0.1",
        peft="float",
        effect="fails",
        outcome="wrapping the first layer fails",
        typical=Typical(
            0,
            0.1,
            "0 to 0.1",
            "QLoRA, arXiv:2305.14314 (0.05 and 0.1); counted in 875 LoRA settings of public "
            "training configs: all but one are inside",
        ),
        examples=(0.0, 0.05, 0.1),
    )
    use_rslora: Flag = describe_field(
        False,
        "Divide alpha by sqrt(r) instead of r (rank-stabilised LoRA, arXiv:2312.03732). With "
        "r=16 that makes the update 4 times stronger at the same alpha.",
        since="0.8.0",
        peft="bool",
        outcome="PEFT only asks whether it is truthy",
    )
    target_modules: Names | StrictStr | None = describe_field(
        None,
        "Which modules get LoRA. In a list, an entry matches a module's full name or its end after "
        "a dot. A string is a regular expression for the full name, or 'all-linear'. Left out, "
        "PEFT takes its table for the model type, if it has one.",
        since="0.0.1",
        peft="Optional[Union[list[str], str]]",
        effect="fails",
        outcome="finding the target modules fails",
        examples=(["q_proj", "k_proj", "v_proj", "o_proj"], "all-linear"),
        source="PEFT 0.21.2, tuners/tuners_utils.py (check_target_module_exists)",
    )
    exclude_modules: Names | StrictStr | None = describe_field(
        None,
        "Modules to leave out of target_modules; matched the same way. The name of a parent does "
        "not exclude its children; a regular expression such as '.*vision_tower.*' does.",
        since="0.14.0",
        peft="Optional[Union[list[str], str]]",
        effect="fails",
        outcome="finding the target modules fails",
        examples=(["lm_head"], ".*vision_tower.*"),
        source="PEFT 0.21.2, tuners/tuners_utils.py (check_target_module_exists)",
    )
    target_parameters: Names | None = describe_field(
        None,
        "Parameters (not modules) that get LoRA, such as fused MoE experts. Entries match a full "
        "name or its end after a dot; no regular expressions. Needs lora_dropout 0 and no variant.",
        since="0.17.0",
        peft="Optional[list[str]]",
        effect="fails",
        outcome="finding the parameters fails",
        examples=(["mlp.experts.gate_up_proj", "mlp.experts.down_proj"],),
        source="PEFT 0.21.2, tuners/tuners_utils.py (_inject_parameters), tuners/lora/layer.py "
        "(ParamWrapper)",
    )
    layers_to_transform: list[Index] | Index | None = describe_field(
        None,
        "Layer indices that get LoRA; all of them when left out. Only with target_modules as a "
        "list. Indices that do not exist, negative ones too, match nothing.",
        since="0.4.0",
        peft="Optional[Union[list[int], int]]",
        effect="fails",
        outcome="no layer matches, or the comparison raises TypeError",
        examples=([0, 1, 2, 3],),
        source="PEFT 0.21.2, tuners/tuners_utils.py (check_target_module_exists)",
    )
    layers_pattern: Names | StrictStr | None = describe_field(
        None,
        "Name of the module list that layers_to_transform counts in, such as 'layers' or 'h'. "
        "Needed only where PEFT's guess takes the wrong number of the name.",
        since="0.4.0",
        peft="Optional[Union[list[str], str]]",
        effect="fails",
        outcome="finding the layers fails",
        examples=("layers", "h"),
        source="PEFT 0.21.2, tuners/tuners_utils.py (check_target_module_exists)",
    )
    rank_pattern: dict[StrictStr, Positive] = describe_field(
        {},
        "Other ranks for some modules: keys are regular expressions for the end of a module's "
        "name, the first that matches wins. Alpha stays as it is, so the scaling changes.",
        since="0.6.0",
        peft="Optional[dict]",
        effect="fails",
        outcome="wrapping the first layer fails",
        examples=({"down_proj": 16},),
        source="PEFT 0.21.2, utils/other.py (get_pattern_key)",
    )
    alpha_pattern: dict[StrictStr, Annotated[Number, Field(gt=0)]] = describe_field(
        {},
        "Other alphas for some modules; keys as in rank_pattern.",
        since="0.6.0",
        peft="Optional[dict]",
        effect="fails",
        outcome="wrapping the first layer fails",
        examples=({"down_proj": 32},),
        source="PEFT 0.21.2, utils/other.py (get_pattern_key)",
    )
    modules_to_save: Names | None = describe_field(
        None,
        "Modules trained and saved in full beside LoRA, such as a new head. An entry matches every "
        "module whose name ends with it, even in the middle of a word. Names that match nothing "
        "are passed over.",
        since="0.1.0",
        peft="Optional[list[str]]",
        effect="fails",
        outcome="wrapping the modules fails",
        examples=(["lm_head", "embed_tokens"], ["classifier"]),
        source="PEFT 0.21.2, utils/other.py (_set_trainable), peft_model.py",
    )
    bias: Literal["none", "all", "lora_only"] = describe_field(
        "none",
        "Which of the base model's biases are trained too: none, all, or those of the adapted "
        "layers. Anything but none changes the model even with the adapter switched off.",
        since="0.0.1",
        peft="Literal['none', 'all', 'lora_only']",
        effect="fails",
        outcome="get_peft_model fails after wrapping every layer",
        source="PEFT 0.21.2, tuners/tuners_utils.py (_mark_only_adapters_as_trainable)",
    )
    init_lora_weights: Annotated[
        StrictBool
        | Literal[
            "gaussian",
            "eva",
            "olora",
            "pissa",
            "corda",
            "loftq",
            "orthogonal",
            "lora_ga",
            "mica",
        ]
        | Annotated[StrictStr, Field(pattern=PISSA_NITER)],
        BeforeValidator(_lower_case),
    ] = describe_field(
        True,
        "How A and B start. True: A random, B zero, so training starts from the base model. False: "
        "both random, for debugging. A name picks a method (pissa, olora, eva, ...); "
        "'pissa_niter_16' is PiSSA with a fast SVD.",
        since="0.3.0",
        peft="bool | Literal['gaussian', 'eva', 'olora', 'pissa', "
        "'pissa_niter_[number of iters]', 'corda', 'loftq', 'orthogonal', 'mica']",
        effect="fails",
        outcome="wrapping the first layer fails",
        examples=(True, "pissa_niter_16"),
        choices_since=INIT_CHOICES,
        source="PEFT 0.21.2, tuners/lora/layer.py (update_layer, reset_lora_parameters)",
    )
