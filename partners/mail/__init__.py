"""The outbox: letters written in the deed's transaction, sent by a job. None tells a result."""
