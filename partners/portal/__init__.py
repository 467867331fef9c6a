"""The partner's own door: its file, what is on whom, replies, papers, everything to download."""
