import peft
peft.LoraConfig(
  r=8
