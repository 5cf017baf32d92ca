trl sft --model_name_or_path Qwen/Qwen2.5-7B --use_peft --lora_target_modules 0 2
trl sft --model_name_or_path Qwen/Qwen2.5-7B --use_peft --lora_target_modules 00 1e3
trl sft --model_name_or_path Qwen/Qwen2.5-7B --use_peft --lora_target_modules 0
trl sft --model_name_or_path Qwen/Qwen2.5-7B --use_peft=true --lora_r=0x8 --lora_target_modules=q_proj
