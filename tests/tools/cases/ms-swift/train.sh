#!/bin/bash
# --lora_rank 99 is only a comment
MODEL=Qwen/Qwen2.5-7B-Instruct
OUT=$(date)
CUDA_VISIBLE_DEVICES=0 \
swift sft \
    --model "$MODEL" \
    --train_type lora \
    --lora_rank 8 \
    --lora_alpha=32 \
    --target_modules q_proj v_proj \
    --lora_droput 0.1 \
    --output_dir ${OUT}/x && echo "done; --lora_rank 3"
swift infer --adapters output/x --merge_lora true
