from peft import get_peft_config
get_peft_config({"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 8})
