"""Read models, each a declaration in a module of its own."""
