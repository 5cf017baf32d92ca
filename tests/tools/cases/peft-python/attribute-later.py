from peft import LoraConfig

config = LoraConfig(r=8)
config.target_modules = ["q_proj"]
config.note = "anything can be assigned to"
