oumi distributed torchrun -m oumi train -c recipe.yaml --peft.lora_r 16 --peft.lora_alhpa=32
