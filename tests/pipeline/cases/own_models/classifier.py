import torch.nn as nn
from peft import LoraConfig, get_peft_model
from transformers import AutoModel


class Net(nn.Module):
    def __init__(self, name="bert-base-uncased", num_labels: int = 2):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        self.num_labels = num_labels
        self.dropout = nn.Dropout(0.1)
        self.classifier = nn.Linear(768, 2)

    def forward(self, **batch):
        return self.classifier(self.dropout(self.encoder(**batch).pooler_output))


config = LoraConfig(r=8, target_modules=["query", "value"], modules_to_save=["classifier"])
model = get_peft_model(Net(), config)
