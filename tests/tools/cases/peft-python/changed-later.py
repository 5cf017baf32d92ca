from peft import LoraConfig, get_peft_model
TARGETS = ["q_proj"]
config = LoraConfig(r=8, lora_alpha=16, target_modules=TARGETS)
config.r = 4
config.inference_mode = False
model = get_peft_model(base, config)
model.update(x=1)
run(model)
