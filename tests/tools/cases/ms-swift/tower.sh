swift sft --model a/b --tuner_type lora_llm --lora_rank 16 --lora_alpha 32 --vit_lr 1e-5
