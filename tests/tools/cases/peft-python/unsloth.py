from unsloth import FastLanguageModel
from peft import LoraConfig
model, tokenizer = FastLanguageModel.from_pretrained(model_name="unsloth/Phi-4", load_in_4bit=True)
LoraConfig(r=8)
