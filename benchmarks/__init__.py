"""How fast, against what: each module measures one thing and prints one line of JSON.

`python -m benchmarks.NAME [--quick] [--json]` runs one, `python -m benchmarks [--quick] [--json]` all. Figures alone
say little on another machine, so each comes with a plain baseline measured in the same run, and the goals it was set.
"""
