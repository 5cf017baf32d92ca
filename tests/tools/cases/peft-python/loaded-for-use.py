from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import SFTTrainer

config = LoraConfig(r=8)
trainer = SFTTrainer(model=prepared(AutoModelForCausalLM.from_pretrained("gpt2")), peft_config=config)
trainer.train()

tuned = AutoModelForCausalLM.from_pretrained("out/final")
