from peft import LoraConfig, LoftQConfig
SIZE = "7b"
RANK = 2 ** 3
NAMES = "q_proj,k_proj".split(",")
LAYERS = 4
class Config:
    alpha: int = 16
settings = {"lora": {"dropout": 0.05}}
LoraConfig(
    base_model_name_or_path=f"meta-llama/Llama-2-{SIZE}-hf",
    r=RANK if SIZE == "7b" else 4,
    lora_alpha=Config.alpha,
    lora_dropout=settings["lora"]["dropout"],
    target_modules=NAMES + ["v_proj"],
    layers_to_transform=[i for i in range(LAYERS) if i != 2],
    init_lora_weights="loftq",
    loftq_config=LoftQConfig(loftq_bits=4),
    rank_pattern={"{}_proj".format("q"): 4},
    exclude_modules={"lm_head"},
    revision=None,
    use_dora=not True,
)
