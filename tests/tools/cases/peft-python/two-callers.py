from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def tune(name):
    base = AutoModelForCausalLM.from_pretrained(name)
    return get_peft_model(base, LoraConfig(r=2))


tune("gpt2")
tune("Qwen/Qwen2.5-0.5B")
