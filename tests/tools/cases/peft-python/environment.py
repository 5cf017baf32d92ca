import os

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

name = os.environ.get("BASE_MODEL", "Qwen/Qwen2.5-0.5B")
model = AutoModelForCausalLM.from_pretrained(name)
model = get_peft_model(model, LoraConfig(r=int(os.getenv("RANK", "8"))))
