"""The settings: one frozen, strict model, the way a file becomes it, and the example that is made from it."""
