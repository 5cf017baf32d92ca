from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from rf import RFLoraConfig


class MyLoraConfig(LoraConfig):
    pass


class PlainLoraConfig:
    pass


model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
one = get_peft_model(model, RFLoraConfig(r=8, target_modules=["q_proj"]))
two = get_peft_model(model, MyLoraConfig(r=4, target_modules=["q_proj"]))
three = get_peft_model(model, PlainLoraConfig(r=2, target_modules=["q_proj"]))
four = get_peft_model(model, RFLoraConfig(r=2, target_modules=["q_proj"], steps=3))
five = RFLoraConfig(r=2, target_modules=["q_proj"])
