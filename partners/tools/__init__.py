"""The command line: migrations, sample municipality, backup, policy checks, exports."""
