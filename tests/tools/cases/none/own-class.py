class LoraConfig:
    r = 8
LoraConfig(r=8)
