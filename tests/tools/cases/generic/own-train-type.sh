python train.py --model_name a/b --train_type qlora --lora_rank 64 --lora_alpha 16
