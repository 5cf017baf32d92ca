import pytest
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM


def test_small():
    model = AutoModelForCausalLM.from_pretrained("facebook/opt-125m")
    config = LoraConfig(r=4, target_modules=["q_proj"])
    get_peft_model(model, config)


def test_other():
    model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
    model.add_adapter(LoraConfig(r=8, target_modules=["v_proj"]))


def test_refused():
    with pytest.raises(ValueError):
        LoraConfig(r=8, target_modules=".*", layers_to_transform=[0])


class TestMlp:
    def test_own_model(self):
        get_peft_model(self.load(), LoraConfig(r=2, target_modules=["lin0"]))


class TestLlama:
    def load(self):
        return AutoModelForCausalLM.from_pretrained("huggyllama/llama-7b")
