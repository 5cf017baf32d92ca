from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = prepare_model_for_kbit_training(model)
config = LoraConfig(r=4)
model = get_peft_model(model, config)

base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
config = LoraConfig(r=8, inference_mode=True)
tuned = PeftModel.from_pretrained(base, "out", config=config)
