import torch.nn as nn
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


class Net(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        self.classifier = nn.Linear(self.encoder.config.hidden_size, hidden)


config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"])
model = get_peft_model(Net(hidden=3), config)  # expect: LC201
