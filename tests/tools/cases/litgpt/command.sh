litgpt finetune_lora meta-llama/Llama-3.2-1B --data JSON --data.json_path x.json \
  --lora_r 32 --lora_alpha=16 --lora_query true --quantize bnb.nf4
