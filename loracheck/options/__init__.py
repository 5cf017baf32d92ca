"""Configuration, suppression comments and the baseline."""
