"""Layers that the model does not have, and a head that is named wrongly."""

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSequenceClassification

model = AutoModelForSequenceClassification.from_pretrained("google-bert/bert-base-uncased")
config = LoraConfig(
    task_type="SEQ_CLS",
    r=8,
    lora_alpha=16,
    target_modules=["query", "value"],
    layers_to_transform=[10, 11, 12],
    modules_to_save=["score_head"],
)
model = get_peft_model(model, config)
