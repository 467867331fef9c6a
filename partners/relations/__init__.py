"""Contacts and events: where and when the sides met, about what, and what follows."""
