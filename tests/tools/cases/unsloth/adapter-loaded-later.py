"""What is loaded after the training, with Unsloth or by PEFT's own class, is the trained adapter."""

from unsloth import FastLanguageModel

model, tokenizer = FastLanguageModel.from_pretrained(
    model_name="unsloth/llama-3-8b-Instruct-bnb-4bit", load_in_4bit=True
)
model = FastLanguageModel.get_peft_model(model, r=16, target_modules=["q_proj", "v_proj"])

if False:
    from peft import AutoModelForPeftCausalLM

    model = AutoModelForPeftCausalLM.from_pretrained("lora_model", load_in_4bit=True)
