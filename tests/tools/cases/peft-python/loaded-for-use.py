from peft import LoraConfig, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM
from trl import SFTTrainer

config = LoraConfig(r=8)
model = prepare_model_for_kbit_training(AutoModelForCausalLM.from_pretrained("gpt2"))
trainer = SFTTrainer(model=model, peft_config=config)
trainer.train()

tuned = AutoModelForCausalLM.from_pretrained("out/final")
