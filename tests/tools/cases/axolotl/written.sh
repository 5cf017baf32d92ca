R=16
cat > "$OUT/config.yml" <<EOF
base_model: NousResearch/Llama-3.2-1B
adapter: lora
lora_r: $R
lora_alpha: ${ALPHA:-32}
lora_target_modules:
  - q_proj
  - \$v
EOF
axolotl train "$OUT/config.yml"
