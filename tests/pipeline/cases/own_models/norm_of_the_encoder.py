import torch.nn as nn
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


def build_head():
    return nn.Linear(768, 2)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        self.head = build_head()


model = get_peft_model(
    Net(), LoraConfig(r=8, target_modules=["query", "LayerNorm"])
)  # expect: LC003, LC206
