export X=1
python3 - <<'PY'
from peft import LoraConfig
config = LoraConfig(r=8, target_modules=["q_proj"])
PY
