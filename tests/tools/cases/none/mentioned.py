"""LoraConfig(r=8)"""
x = "LoraConfig"
