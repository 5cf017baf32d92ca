from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from xtuner.model import SupervisedFinetune
import torch
pretrained_model_name_or_path = 'internlm/internlm-7b'
tokenizer = dict(type=AutoTokenizer.from_pretrained, pretrained_model_name_or_path=pretrained_model_name_or_path)
model = dict(type=SupervisedFinetune, llm=dict(type=AutoModelForCausalLM.from_pretrained,
   pretrained_model_name_or_path=pretrained_model_name_or_path, torch_dtype=torch.float16,
   quantization_config=dict(type=BitsAndBytesConfig, load_in_4bit=True)),
   lora=dict(type=LoraConfig, r=64, lora_alpha=16, lora_dropout=0.1, bias='none', task_type='CAUSAL_LM'))
