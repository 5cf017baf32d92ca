from peft import *
LoraConfig(r=8, lora_aplha=16)
