LORA=(
  actor_rollout_ref.model.path=a/b
  actor_rollout_ref.model.lora.rank=256
  actor_rollout_ref.model.lora.alpha=512
  actor_rollout_ref.model.lora.lora_A_init_method=kaiming
  actor_rollout_ref.model.lora.target_modules='["linear_qkv","linear_proj"]'
)
python3 -m verl.trainer.main_ppo --config-path=config --config-name='ppo_megatron_trainer.yaml' "${LORA[@]}"
