from peft import LoraConfig
from transformers import AutoModelForCausalLM, Qwen2VLForConditionalGeneration

helper = AutoModelForCausalLM.from_pretrained("gpt2")
if helper:
    model = Qwen2VLForConditionalGeneration.from_pretrained("Qwen/Qwen2-VL-2B-Instruct", load_in_4bit=True)
    config = LoraConfig(r=8)
    model.add_adapter(config)
else:
    model = Qwen2VLForConditionalGeneration.from_pretrained("Qwen/Qwen2-VL-7B-Instruct")

model = Qwen2VLForConditionalGeneration.from_pretrained("me/tuned")
