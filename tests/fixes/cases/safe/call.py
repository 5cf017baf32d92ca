from peft import LoraConfig, TaskType

RANK = "8"
first = LoraConfig(rank=16,  # the rank
                   alpha='32', task_type="QUESTION_ANSWERING",
                   target_modules=['all-linear'])
second = LoraConfig(r=RANK, lora_aplha=16, target_modules=["q_proj"])
third = LoraConfig(**{"r": "8", 'dropout': 0.1})
