"""A signature and what it proves: who, for whom, with which authority, over exactly which text."""
