"""The trained classifier: learned from a workspace's labelled texts, kept as arrays.

Serving needs NumPy only; ``fit`` imports SciPy and runs in a training process.
"""
