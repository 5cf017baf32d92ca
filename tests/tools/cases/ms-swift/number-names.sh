swift sft --model_id_or_path Qwen/Qwen2.5-7B --sft_type lora --lora_target_modules 0 2
swift sft --model_id_or_path Qwen/Qwen2.5-7B --sft_type lora --lora_target_modules 0
swift sft --model Qwen/Qwen2.5-7B --tuner_type lora --target_modules 00 1e3 --init_weights true
