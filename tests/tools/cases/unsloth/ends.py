from unsloth import FastLanguageModel

model, tokenizer = FastLanguageModel.from_pretrained("Qwen/Qwen2.5-0.5B")
model = FastLanguageModel.get_peft_model(
    model,
    r=16,
    target_modules=["q_proj", "model.embed_tokens", "lm_head"],
    offload_layers=2,
    prefetch_depth="auto",
)
