from peft import LoftQConfig, LoraConfig
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

model = AutoModelForCausalLM.from_pretrained(
    "Qwen/Qwen2.5-7B", quantization_config=BitsAndBytesConfig(load_in_4bit=True)
)
config = LoraConfig(r=8, bias="None", target_modules=["q_proj"])
other = LoraConfig(
    r="8", target_modules=["q_proj"], loftq_config=LoftQConfig(loftq_bits=4), init_lora_weights="loftq"
)
