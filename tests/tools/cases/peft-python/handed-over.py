from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

NAME = "Qwen/Qwen2.5-0.5B"


class Tuner:
    def __init__(self, name, rank=8):
        self.name = name
        self.rank = rank

    def build(self):
        base = AutoModelForCausalLM.from_pretrained(self.name)
        return get_peft_model(base, LoraConfig(r=self.rank))


def load(where, revision="main"):
    return AutoModelForCausalLM.from_pretrained(where, revision=revision)


def tune(where="gpt2"):
    base = AutoModelForCausalLM.from_pretrained(where)
    return get_peft_model(base, LoraConfig(r=2))


Tuner(name=NAME).build()
tune()
