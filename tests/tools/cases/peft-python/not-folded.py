import os
from peft import LoraConfig
r = 8
for r in (8, 16):
    pass
targets = ["q_proj"]
targets.append("v_proj")
alias = names = ["k_proj"]
alias += ["o_proj"]
if os.environ.get("BIG"):
    alpha = 32
else:
    alpha = 16
dropout = float(os.environ["DROPOUT"])
given = ["x"]
def change(items):
    items.append("y")
change(given)
LoraConfig(r=r, target_modules=targets, lora_alpha=alpha, lora_dropout=dropout, modules_to_save=given, exclude_modules=alias)
