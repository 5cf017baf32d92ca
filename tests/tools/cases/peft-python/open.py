from peft import LoraConfig

def build(r, targets=("q_proj",), **options):
    return LoraConfig(r=r, lora_alpha=2 * r, target_modules=list(targets), bias="none", **options)
