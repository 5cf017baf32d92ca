swift dpo --model_id_or_path a/b --sft_type lora --lora_rank 16 --lora_dropout_p 0.1 \
  --lora_target_modules q_proj,v_proj --lora_modules_to_save EMBEDDING LN --lora_alfa 32
swift sft --model_type c --sft_type lora --lora_target_modules ALL
swift sft --model_type c --sft_type full --lora_target_modules ALL
