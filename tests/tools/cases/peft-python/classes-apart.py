from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


class Small:
    def load(self):
        return layers(2)

    def tuned(self):
        base = self.load()
        return get_peft_model(base, LoraConfig(target_modules=["lin0"]))


class Large:
    def load(self):
        return AutoModelForCausalLM.from_pretrained("facebook/opt-350m")

    def tuned(self):
        base = self.load()
        return get_peft_model(base, LoraConfig(target_modules=["q_proj"]))
