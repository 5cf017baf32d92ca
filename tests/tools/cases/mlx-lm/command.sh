mlx_lm.lora --model mlx-community/Qwen3-4B-4bit --train --data data --num-layers 8
python -m mlx_lm lora -c lora.yaml --train
mlx_lm.lora --model x --adapter-path lora --test
