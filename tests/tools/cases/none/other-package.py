from litgpt import LoraConfig
LoraConfig(r=8)
