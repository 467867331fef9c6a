"""Work in the background: the job table is the truth, huey is the clock and the hands.

A piece of work is a function of its row. It returns its outcome, and everything it wrote is kept in
one transaction with its end. Longer work is a generator: each `yield done, total` ends a step, and
the step's effect, its progress and the renewed lease are kept in one commit. SQLite has one pen, so
progress that was written from beside an open transaction would wait for itself; that is why the
progress travels with the step. Who takes up work that was cut off is given `job.done` and begins
after it. Every commit is guarded by the claim's number: a worker that lost its lease, or whose job
was stopped, keeps nothing. So a step is small (seconds: on SQLite the whole house waits for it),
and what cannot be undone, such as a letter sent, is done between two steps, with no transaction
open. An outcome with `trouble` (a sentence) ends the job as broken and still keeps its effect.
"""
