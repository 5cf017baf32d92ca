import torch.nn as nn
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


class Head(nn.Module):
    def __init__(self, size: int):
        super().__init__()
        self.dense = nn.Linear(768, 768)
        self.out = nn.Linear(768, 3)


class Net(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = Head(768)

    def train_head(self, on: bool = True):
        self.training_head = on


backbone = AutoModel.from_pretrained("bert-base-uncased")
net = Net(backbone)
net.best_score = 0.0
net.eval()
# "out" is also the end of lora_dropout, which PEFT has put in by then; expect: LC220
model = get_peft_model(
    net, LoraConfig(r=8, target_modules=["query", "dense"], modules_to_save=["out"])
)
