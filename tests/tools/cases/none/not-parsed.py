this is no Python at all, and says nothing of adapters
