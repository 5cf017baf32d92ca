"""Makes a new release of transformers or PEFT known: `make release-transformers VERSION=...`."""
