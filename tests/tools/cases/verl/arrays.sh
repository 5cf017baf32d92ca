rank=${RANK:-32}
MODEL=(
    actor_rollout_ref.model.path=Qwen/Qwen2.5-3B-Instruct
    # twice the rank
    actor_rollout_ref.model.lora_rank=${rank}
    actor_rollout_ref.model.lora_alpha=64
)
ROLLOUT=( actor_rollout_ref.rollout.n=5 )
if [ "$1" = long ]; then ROLLOUT=( actor_rollout_ref.rollout.n=8 ); fi
python3 -m verl.trainer.main_ppo --config-path=./config "${MODEL[@]}" "$@"
python3 -m verl.trainer.main_ppo "${MODEL[@]}" "${ROLLOUT[@]}"
