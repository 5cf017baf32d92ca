from unsloth import FastLanguageModel

model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Qwen3-4B")
model = FastLanguageModel.get_peft_model(model, r=16)
model.zero_grad = lambda: None
