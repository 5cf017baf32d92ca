# A notebook saved as a script.
%pip install -q peft
!nvidia-smi \
    --list-gpus
from peft import LoraConfig

if True:
    !echo done
config = LoraConfig(r=8)
