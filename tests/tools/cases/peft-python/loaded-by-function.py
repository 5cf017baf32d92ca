from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

NAME = "microsoft/phi-1_5"


def load():
    return AutoModelForCausalLM.from_pretrained(NAME)


model = load()
model = get_peft_model(model, LoraConfig(r=8))

tuned = AutoModelForCausalLM.from_pretrained("me/tuned")
