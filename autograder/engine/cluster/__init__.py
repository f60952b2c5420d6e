"""Submissions graded on a Dask cluster.

The writer's side: `engine` hands out work, `connection` speaks to the scheduler, `parsing` judges what comes back.
The worker's side: `host`, in each of Dask's own processes, keeps a `hosted` process beside it, which has warm parents,
a seal and a local pool. What travels between the two is JSON of `encoding`, and the course as `travel` packs it.
"""
