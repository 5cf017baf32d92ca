import typer
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def main(rank: int = typer.Option(8, help="rank"), alpha: int = typer.Option(...)):
    model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
    get_peft_model(model, LoraConfig(r=rank, lora_alpha=alpha, target_modules=["q_proj"]))


typer.run(main)
