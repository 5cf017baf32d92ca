"""The field check held against LoraConfig's own constructor, release by release."""
