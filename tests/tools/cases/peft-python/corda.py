from peft import LoraConfig, get_peft_model
from peft.tuners.lora.corda import preprocess_corda
from transformers import AutoModelForCausalLM

model = AutoModelForCausalLM.from_pretrained("gpt2")
config = LoraConfig(r=8, init_lora_weights="corda")
preprocess_corda(model, config, run_model=lambda: model(1))
model = get_peft_model(model, config)
