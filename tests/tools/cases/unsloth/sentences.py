from unsloth import FastSentenceTransformer

model = FastSentenceTransformer.from_pretrained(model_name="unsloth/bge-m3", max_seq_length=512)
model = FastSentenceTransformer.get_peft_model(model, r=32, lora_alpha=64)
model = FastSentenceTransformer.from_pretrained("out")
