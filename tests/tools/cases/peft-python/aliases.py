import peft
import peft as p
from peft import LoraConfig as LC
import peft.tuners.lora as lora
a = peft.LoraConfig(r=1)
b = p.LoraConfig(r=2)
c = LC(r=3)
d = lora.LoraConfig(r=4)
