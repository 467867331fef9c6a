"""Papers handed in: named by fingerprint, outside the web root, and destroyed when they are not
ours to hold.
"""
