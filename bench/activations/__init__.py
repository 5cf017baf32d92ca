"""How near `explain`'s estimate of activations is to what autograd keeps."""
