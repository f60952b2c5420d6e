"""Grades submissions on a Dask cluster.

On the side that writes the gradebook, `executor` dispatches work, `connection` speaks to the scheduler, and
`validation` checks the results. On the worker's side, `dask_task` runs in each Dask process and forwards requests to a
`grading_process` beside it, which has its own fork servers, seal and local pool. The two sides exchange JSON, see
`serialization`, and the course as `course_archive` packs it.
"""
