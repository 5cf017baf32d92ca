from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

name = "google/gemma-3-4b-pt"
if name == "google/gemma-3-1b-pt":
    model_class = AutoModelForCausalLM
else:
    model_class = AutoModelForImageTextToText
model = model_class.from_pretrained(name, load_in_8bit=True)
model.add_adapter(LoraConfig(r=8))
