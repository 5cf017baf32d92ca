import click
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


@click.command()
@click.option("--rank", default=8)
@click.option("--target", multiple=True, default=["q_proj"])
def main(rank, target):
    model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
    get_peft_model(model, LoraConfig(r=rank, target_modules=list(target)))


main()
