autotrain llm --train --model mistralai/Mistral-7B-v0.1 --data-path . --peft --lora-r 8 \
  --quantization int4 --target-modules q_proj,v_proj --trainer sft
autotrain llm --train --model mistralai/Mistral-7B-v0.1 --data-path . --lora-r 8
