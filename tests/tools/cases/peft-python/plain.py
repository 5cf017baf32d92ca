from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification, AutoTokenizer

name = "roberta-base"
tokenizer = AutoTokenizer.from_pretrained("other/tokenizer")
model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=3, revision="abc")
config = LoraConfig(
    task_type=TaskType.SEQ_CLS,
    r=8,
    target_modules=["query", "value"],
)
model = get_peft_model(model, config)
