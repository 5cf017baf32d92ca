import fire
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def train(base_model: str = "", rank: int = 8, targets: list = None, alpha: int = 16):
    if targets is None:
        targets = ["q_proj", "v_proj"]
    alpha = alpha * 2
    model = AutoModelForCausalLM.from_pretrained(base_model or "Qwen/Qwen2.5-0.5B")
    get_peft_model(model, LoraConfig(r=rank, lora_alpha=alpha, target_modules=targets))


fire.Fire(train)
