"""Words that hurt: what about a person is never kept."""
