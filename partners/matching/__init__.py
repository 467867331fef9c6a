"""Names compared: folded, keyed, aligned, explained; and identifiers checked by their scheme."""
