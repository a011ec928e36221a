"""The model layer: catalogue, loading, caching, and one module per capability; no drawing."""
