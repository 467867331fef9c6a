"""What anybody may read without signing in: what this is, the policy, the charter, how to
complain.
"""
