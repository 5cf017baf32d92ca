import marimo

app = marimo.App()


@app.cell
def _():
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM
    return AutoModelForCausalLM, LoraConfig, get_peft_model


@app.cell(hide_code=True)
def _(AutoModelForCausalLM):
    name = "Qwen/Qwen2.5-0.5B"
    rank = 16
    model = AutoModelForCausalLM.from_pretrained(name)
    return model, rank


@app.cell
def _(LoraConfig, get_peft_model, model, rank):
    tuned = get_peft_model(model, LoraConfig(r=rank))
    return (tuned,)
