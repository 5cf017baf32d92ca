python src/sft_trainer.py \
    --model_name a/b \
    --dataset_name d \
    --use_peft
