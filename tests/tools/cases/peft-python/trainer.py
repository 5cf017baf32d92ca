from peft import LoraConfig
from trl import SFTTrainer
trainer = SFTTrainer(model="Qwen/Qwen2.5-0.5B", peft_config=LoraConfig(r=8))
