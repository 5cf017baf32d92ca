from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

model = "tiiuae/falcon-7b"
tokenizer = AutoTokenizer.from_pretrained(model)
rank = 8
model = AutoModelForCausalLM.from_pretrained(model)
config = LoraConfig(r=rank, lora_alpha=rank * 2)
model = get_peft_model(model, config)

rank = 64
model = "out/merged"
model = AutoModelForCausalLM.from_pretrained(model)


def late():
    return LoraConfig(r=rank)


if model:
    rank = 1
given = LoraConfig(r=rank)
