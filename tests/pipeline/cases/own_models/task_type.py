import torch.nn as nn
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModel


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = AutoModel.from_pretrained("bert-base-uncased")
        self.classifier = nn.Linear(768, 2)


config = LoraConfig(task_type=TaskType.SEQ_CLS, r=8, target_modules=["query", "value"])
model = get_peft_model(Net(), config)
