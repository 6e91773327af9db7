"""Studies of many circuits: chips, parameters and designs, on dask.distributed.

`study` is what the YAML says, `axes` and `points` what follows from it, `work` what one worker needs and the key it is
stored under, `tasks` what a worker does, `store` where results go, `engine` who does what, `report` what came out.
"""
