import torch.nn as nn
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.lm = AutoModelForCausalLM.from_pretrained("gpt2")
        self.value = nn.Linear(768, 1)


config = LoraConfig(
    task_type="CAUSAL_LM", r=8, target_modules=["c_attn"], modules_to_save=["value"]
)
model = get_peft_model(Policy(), config)  # expect: LC220
