# no lora
torchrun train.py --model_name wan --pretrained_model_name_or_path a/b --training_type full-finetune
