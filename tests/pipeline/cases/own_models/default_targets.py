import torch.nn as nn
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        self.classifier = nn.Linear(768, 2)


model = get_peft_model(Net(), LoraConfig(r=8))  # expect: LC211
