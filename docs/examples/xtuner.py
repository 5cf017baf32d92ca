from peft import LoraConfig

model = dict(
    type="SupervisedFinetune",
    llm=dict(pretrained_model_name_or_path="Qwen/Qwen2.5-7B"),
    lora=dict(type=LoraConfig, r=64, lora_alpha=16, lora_dropout=0.1, bias="none", task_type="CAUSAL_LM"),
)
