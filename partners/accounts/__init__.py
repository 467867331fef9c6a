"""The people who sign in, on both sides: one-time links, sessions that end, roles, delegations."""
