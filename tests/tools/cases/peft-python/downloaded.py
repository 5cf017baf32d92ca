from huggingface_hub import snapshot_download
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

folder = snapshot_download(repo_id="Qwen/Qwen2.5-0.5B", revision="main")
model = AutoModelForCausalLM.from_pretrained(folder)
model = get_peft_model(model, LoraConfig(r=8))
