import torchvision
from peft import LoraConfig, PeftModel, get_peft_model, inject_adapter_in_model
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl import GRPOTrainer, SFTTrainer

reference = AutoModelForCausalLM.from_pretrained("a/reference")


def load(name):
    model = AutoModelForCausalLM.from_pretrained(name)
    tokenizer = AutoTokenizer.from_pretrained(name)
    return model.to("cuda"), tokenizer


def tune(model, config):
    return get_peft_model(model, config)


def tune_unfilled(network):
    return get_peft_model(network, LoraConfig(r=2))


class Run:
    def __init__(self):
        self.base, self.tokenizer = load("c/attribute")
        self.config = LoraConfig(r=3)

    def train(self):
        self.base = get_peft_model(self.base, self.config)


base, _ = load("b/returned") if False else (AutoModel.from_pretrained("b/tuple"), None)
tune(model=base, config=LoraConfig(r=1))
vision = torchvision.models.resnet18()
vision = inject_adapter_in_model(LoraConfig(r=4, target_modules=["fc"]), vision)
reward = AutoModelForSequenceClassification.from_pretrained("d/reward", num_labels=1)
policy = AutoModelForCausalLM.from_pretrained("d/policy")
trainer = GRPOTrainer(policy, reward, ref_model=reference, peft_config=LoraConfig(r=5))
if reference:
    chosen = AutoModelForCausalLM.from_pretrained("e/first")
else:
    chosen = AutoModelForCausalLM.from_pretrained("e/second")
    get_peft_model(chosen, LoraConfig(r=10))
SFTTrainer(chosen, peft_config=LoraConfig(r=6))
for seed in range(3):
    looped = AutoModelForCausalLM.from_pretrained("f/looped").eval()
    PeftModel(looped, LoraConfig(r=7))
merged = PeftModel.from_pretrained(reference, "folder").merge_and_unload()
get_peft_model(merged, LoraConfig(r=8))
built = build_model("gpt2")
get_peft_model(built, LoraConfig(r=9))
