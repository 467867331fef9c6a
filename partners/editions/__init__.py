"""A changed policy before it counts: handed in, checked, tried on all that runs, published by two.

From then on new work begins with it. What runs keeps the edition with which it began.
"""
