"""Who may do what: one table, read by the door, by every action and by every list."""
