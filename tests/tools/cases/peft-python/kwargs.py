from peft import LoraConfig
BASE = dict(r=8, lora_alpha=16)
EXTRA = {"bias": "none", **BASE}
a = LoraConfig(lora_dropout=0.1, **EXTRA)
changed = {"r": 8}
changed["r"] = 16
b = LoraConfig(**changed)
