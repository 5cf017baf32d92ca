import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModel


class TwoTowers(nn.Module):
    def __init__(self):
        super(TwoTowers, self).__init__()
        self.left = AutoModel.from_pretrained("bert-base-uncased")
        self.right = AutoModel.from_pretrained("roberta-base")
        self.head = nn.Sequential(
            nn.Linear(1536, 256), nn.LayerNorm(256), nn.GELU(), nn.Linear(256, 4, bias=False)
        )
        self.loss = nn.CrossEntropyLoss()
        self.extra = nn.ModuleDict(
            {"conv": nn.Conv1d(16, 32, 3, groups=2), "norm": nn.BatchNorm1d(32)}
        )
        self.tokens = nn.Embedding(10, 8)


model = TwoTowers()
config = LoraConfig(r=4, target_modules=["query", "v_proj"], modules_to_save=["head", "classifier"])
model = get_peft_model(model, config)  # expect: LC202, LC401
