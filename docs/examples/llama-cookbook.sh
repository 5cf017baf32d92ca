# QLoRA on four GPUs with FSDP
FSDP_CPU_RAM_EFFICIENT_LOADING=1 ACCELERATE_USE_FSDP=1 torchrun --nnodes 1 --nproc_per_node 4 \
  getting-started/finetuning/finetuning.py \
  --enable_fsdp --use_peft --peft_method lora --quantization 4bit \
  --quantization_config.quant_type nf4 --mixed_precision False --low_cpu_fsdp \
  --lora_config.r 16 --lora_config.lora_alpha 32 \
  --lora_config.target_modules '["q_proj","k_proj","v_proj","o_proj"]' \
  --model_name meta-llama/Llama-3.1-8B --dataset samsum_dataset --output_dir out/lora
