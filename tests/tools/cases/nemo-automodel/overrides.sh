coverage run examples/llm_finetune/finetune.py --config examples/a.yaml \
  --model.pretrained_model_name_or_path $DATA/a --step_scheduler.max_steps 3 \
  --peft._target_ nemo_automodel.components._peft.lora.PeftConfig --peft.target_modules '*_proj' \
  --peft.dim 16 --peft.alpha 32
