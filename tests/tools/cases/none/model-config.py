from trl import ModelConfig, get_peft_config

peft_config = get_peft_config(ModelConfig(model_name_or_path="Qwen/Qwen2.5-0.5B"))
