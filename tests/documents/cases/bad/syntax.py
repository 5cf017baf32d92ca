from peft import LoraConfig
é = LoraConfig(r=8,, x=1)
