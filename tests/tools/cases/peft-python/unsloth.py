from unsloth import FastLanguageModel
from peft import LoraConfig, get_peft_model
model, tokenizer = FastLanguageModel.from_pretrained(model_name="unsloth/Phi-4", load_in_4bit=True)
get_peft_model(model, LoraConfig(r=8))
