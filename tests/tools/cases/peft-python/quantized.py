import torch
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bnb = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16)
model = AutoModelForCausalLM.from_pretrained("a/b", quantization_config=bnb, device_map="auto")
model = prepare_model_for_kbit_training(model)
get_peft_model(model, LoraConfig(r=8))
