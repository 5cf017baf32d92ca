MODEL=meta-llama/Meta-Llama-3-8B
deepspeed --module openrlhf.cli.train_dpo --pretrain $MODEL --lora_rank 8 \
   --target_modules q_proj v_proj --load_in_4bit
deepspeed --module openrlhf.cli.train_dpo --pretrain $MODEL --lora_path x
python -m openrlhf.cli.lora_combiner --lora_path x --lora_rank 8
deepspeed --module openrlhf.cli.train_rm --pretrain $MODEL --lora_rank 8 --lora_alpah 4
