accelerate launch --config_file z3.yaml trl/scripts/dpo.py \
  --model_name_or_path Qwen/Qwen2-0.5B --use_peft --lora_target_modules q_proj --lora_r 8.5
accelerate launch my_sft.py --model_name_or_path a/b --use_peft True --lora_alpha 64 --load_in_4bit
trl sft --config sft.yaml --lora_r 8
trl vllm-serve --model a/b --use_peft --lora_r 8
