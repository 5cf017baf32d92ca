from peft import LoraConfig


def build(ranks, r=8):
    if ranks:
        for r in ranks:
            pass
    return LoraConfig(r=r, target_modules=["q_proj"])
