from peft import LoraConfig, TaskType

LoraConfig(TaskType.SEQ_CLS, r=8)
LoraConfig(16, 32)
