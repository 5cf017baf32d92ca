echo lora; python train.py --epochs 3
cat > x.yaml <<EOF
finetuning_type: lora
--lora_rank 8 --finetuning_type lora
EOF
