echo lora; python train.py --epochs 3
cat > x.yaml <<EOF
finetuning_type: lora
--lora_rank 8 --finetuning_type lora
EOF
vllm serve base --enable-lora --lora-modules a=b --max_lora_rank 8 --lora_alpha 3
echo "--lora_r 8 --lora_alpha 16" && swift infer --lora_rank 8 --lora_alpha 3
