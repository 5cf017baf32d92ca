from peft import LoraConfig
config = LoraConfig(
    r=8,
    base_model_name_or_path="Qwen/Qwen2.5-7B",
    target_modules=["q_proj", r"model\.layers\.\d+\.self_attn\.v_proj"],
)
