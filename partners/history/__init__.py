"""What happened, written in the deed's own transaction and never changed; and who looked at
what.
"""
