torchrun --nproc-per-node=8 nemo_automodel/recipes/llm/train_ft.py --config x.yaml \
  --peft.dim 16 --peft.target_modules '["*_proj"]'
