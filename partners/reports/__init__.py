"""What the municipality sees of itself: what waits, runs out, costs, takes long, treats alike.

It looks and never touches: no action is called here, and what it counts it does not keep.
"""
