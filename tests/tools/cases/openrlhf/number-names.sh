deepspeed --module openrlhf.cli.train_sft --pretrain Qwen/Qwen2.5-7B --ds.lora.rank 8 --ds.lora.target_modules 0 2
deepspeed --module openrlhf.cli.train_sft --pretrain Qwen/Qwen2.5-7B --lora_rank 8 --target_modules 0
