from peft import get_peft_config
config = get_peft_config({"peft_type": "LORA", "r": 8,
    "lora_alpha": 16})
