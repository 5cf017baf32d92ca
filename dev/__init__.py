"""What builders of loracheck use: generated pages, the scaffold of a rule, the screenshot."""
