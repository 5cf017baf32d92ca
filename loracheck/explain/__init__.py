"""`loracheck explain`: a rule, a field, or what a file will do to its model, as plain text."""
