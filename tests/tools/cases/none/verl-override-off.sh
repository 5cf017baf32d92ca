RANK=${RANK:-0}
python3 -m verl.trainer.main_ppo --config-name=ppo_megatron_trainer.yaml \
  actor_rollout_ref.model.lora.rank=$RANK actor_rollout_ref.model.lora.alpha=0
