from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
policy = AutoModelForCausalLM.from_pretrained("a/policy")
reward = AutoModelForSequenceClassification.from_pretrained("b/reward", num_labels=1)
first = LoraConfig(r=8, task_type="CAUSAL_LM")
second = LoraConfig(r=4, task_type="SEQ_CLS")
third = LoraConfig(r=2)
policy_lora = get_peft_model(policy, first)
reward_lora = get_peft_model(reward, peft_config=second)
