from peft import LoraConfig
x = "é𝔘"; LoraConfig(modules_to_save=["é"], bias="ü", r=8)
