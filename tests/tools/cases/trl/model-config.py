from trl import GRPOTrainer, ModelConfig, get_peft_config

model_config = ModelConfig(
    model_name_or_path="Qwen/Qwen2.5-3B-Instruct",
    use_peft=True,
    lora_target_modules=["q_proj", "v_proj"],
    load_in_4bit=True,
)
trainer = GRPOTrainer(model=model_config.model_name_or_path, peft_config=get_peft_config(model_config))
