"""The table of model ids that ships with loracheck, from public registries of training tools:
`python -m bench.model_ids FOLDER` reads them from clones below FOLDER, and writes the table. One
file for each registry; each gives `ModelId` rows and says which file of which repository it reads.
"""
