read -r -d '' training_commands <<EOF
openrlhf.cli.train_sft \
    --model.model_name_or_path mistralai/Mistral-7B-v0.1 \
    --ds.zero_stage 3 \
    --ds.lora.rank 16 \
    --ds.lora.target_modules all-linear
EOF
deepspeed --module $training_commands
