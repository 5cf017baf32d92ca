# LoraConfig
  x = 1
