ARGS=(
    --stage sft --do_train   # supervised
    --model_name_or_path "Qwen/Qwen2.5-7B-Instruct"
    --lora_rank 16
    --lora_target q_proj,v_proj
    --use_rslora yes
)
llamafactory-cli train "${ARGS[@]}" > train.log 2>&1
llamafactory-cli train recipe.yaml lora_rank=8 lora_dropout=0.1
llamafactory-cli export --adapter_name_or_path saves/x --finetuning_type lora
torchrun --nproc_per_node 8 src/train.py --finetuning_type lora --lora_rank 4 $EXTRA
