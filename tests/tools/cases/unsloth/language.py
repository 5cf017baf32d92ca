from unsloth import FastLanguageModel, FastVisionModel

model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Phi-4", load_in_4bit=True)
model = FastLanguageModel.get_peft_model(
    model,
    32,
    target_modules=["q_proj", "v_proj", "embed_tokens"],
    use_dora=True,
    random_state=3407,
    lora_aplha=64,
)
vision, _ = FastVisionModel.from_pretrained("unsloth/Qwen2-VL-2B-Instruct")
vision = FastVisionModel.get_peft_model(vision, finetune_vision_layers=False, r=8)
last, _ = FastLanguageModel.from_pretrained("unsloth/Qwen2-0.5B")
plain = FastLanguageModel.get_peft_model(last)
