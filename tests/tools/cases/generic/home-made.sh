python train.py --use_peft_lora True --lora_r 8 --lora_alpha 16 --lora_dropout 2 \
  --lora_target_modules "q_proj,v_proj"
python train.py --lora_r 0 --lora_alpha 16
python train.py --lora_weights x --rank 8
python train.py --use_lora False --lora_r 8 --lora_alpha 16
python train.py --use_lora 1 --lora_r 4
