"""Mixtral's experts by their old names: fused in transformers 5, and dropout is refused there."""

from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForCausalLM

EXPERTS = ["w1", "w2", "w3"]

model = AutoModelForCausalLM.from_pretrained("mistralai/Mixtral-8x7B-v0.1")
config = LoraConfig(
    task_type=TaskType.CAUSAL_LM,
    r=8,
    lora_alpha=16,
    lora_dropout=0.05,
    target_modules=["q_proj", "v_proj", *EXPERTS],
)
model = get_peft_model(model, config)
