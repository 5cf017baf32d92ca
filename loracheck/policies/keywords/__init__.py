"""Keywords of which a part may depend on an unknown value. Begin with `logic`."""
