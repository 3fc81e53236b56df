"""Adjusts MiniStack, the local cloud, where it differs from AWS in ways this project meets.

Start it as `python -m glue` with `pipeline/local` as working directory or on PYTHONPATH.
One module per adjustment; each names the gap, what AWS does, and where it leans on MiniStack's
internals. Because it leans on internals it runs with exactly one version.
"""

from importlib.metadata import version

MINISTACK = "1.5.33"

if (found := version("ministack")) != MINISTACK:
    raise SystemExit(
        f"The local cloud needs ministack {MINISTACK}, but {found} is installed: "
        f"install ministack=={MINISTACK}, or bring pipeline/local/glue and its tests up to {found}."
    )
