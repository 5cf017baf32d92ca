trl sft --model_name_or_path a/b --use_peft --lora_r "$RANK" --lora_target_modules q_proj
