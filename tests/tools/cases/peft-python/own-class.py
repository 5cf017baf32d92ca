import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


class Two(torch.nn.Module):
    def __init__(self):
        self.lin0 = torch.nn.Linear(2, 2)


base = AutoModel.from_pretrained("gpt2")
small = Two().to("cpu")
get_peft_model(small, LoraConfig(target_modules=["lin0"]))
row = torch.nn.Sequential(torch.nn.Linear(2, 2))
get_peft_model(row, LoraConfig(target_modules=["0"]))
get_peft_model(base, LoraConfig(target_modules=["c_attn"]))
