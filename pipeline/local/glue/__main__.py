"""Starts MiniStack with every adjustment applied. Settings come from the environment:
MiniStack's own, and DEVTOOLS_URL and DEVTOOLS_TOKEN of the developer tools (see devtools.py)."""

from glue import s3_files, snapshot_files

# Before the imports below: MiniStack's services read their files when they are imported.
snapshot_files.recover()
s3_files.remove_unknown_buckets()

from glue import (  # noqa: E402
    change_sets,
    developer_tools,
    event_sources,
    front_door,
    git,
    http_api_body,
    http_api_endpoint,
    lambda_latency,
    lifeline,
    pipeline_targets,
    policy_simulator,
    resource_types,
    secure_transport,
    snapshots,
    stream_positions,
)
from ministack import app  # noqa: E402

# The last one to wrap the ASGI application is the outermost: the front door.
for adjustment in (
    lambda_latency,
    stream_positions,
    change_sets,
    http_api_endpoint,
    http_api_body,
    developer_tools,
    resource_types,
    secure_transport,
    policy_simulator,
    event_sources,
    pipeline_targets,
    snapshots,
    git,
    front_door,
):
    adjustment.apply()

if __name__ == "__main__":
    lifeline.hold()
    app.main()
