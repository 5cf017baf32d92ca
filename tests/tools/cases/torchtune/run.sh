tune run --nproc_per_node 2 lora_finetune_distributed --config llama3_1/8B_lora \
    model.lora_rank=64 model.lora_alpha=128 batch_size=4
