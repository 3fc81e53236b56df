"""Starts MiniStack with every adjustment applied. Settings come from the environment:
MiniStack's own, and DEVTOOLS_URL and DEVTOOLS_TOKEN of the developer tools (see devtools.py)."""

from glue import s3_files, snapshot_files

# Before the imports below: MiniStack's services read their files when they are imported.
snapshot_files.recover()
s3_files.remove_unknown_buckets()

from glue import (  # noqa: E402
    alarms,
    alias_actions,
    alias_updates,
    alias_weights,
    api_metrics,
    async_invocations,
    batch_actions,
    change_sets,
    codedeploy_types,
    cognito_sign_in,
    developer_tools,
    embedded_metrics,
    event_source_properties,
    event_sources,
    faults,
    front_door,
    function_rights,
    git,
    http_api_body,
    http_api_endpoint,
    http_api_failures,
    http_api_options,
    lambda_latency,
    lambda_logging,
    lambda_metrics,
    lifeline,
    log_group_names,
    managed_policies,
    pipeline_targets,
    policy_simulator,
    resource_tags,
    resource_types,
    role_boundaries,
    sam_parameters,
    secure_transport,
    service_metrics,
    snapshots,
    stack_protection,
    stack_roles,
    stream_records,
    stream_sources,
    table_settings,
    topic_policies,
)
from ministack import app  # noqa: E402

# The last one to wrap the ASGI application is the outermost: the front door.
for adjustment in (
    lambda_latency,
    lambda_logging,
    lambda_metrics,
    alias_weights,
    embedded_metrics,
    service_metrics,
    stream_records,
    stream_sources,
    event_source_properties,
    function_rights,
    table_settings,
    async_invocations,
    alarms,
    change_sets,
    cognito_sign_in,
    http_api_endpoint,
    http_api_body,
    http_api_failures,
    http_api_options,
    api_metrics,
    developer_tools,
    resource_types,
    codedeploy_types,
    alias_updates,
    alias_actions,
    sam_parameters,
    secure_transport,
    policy_simulator,
    resource_tags,
    log_group_names,
    role_boundaries,
    stack_roles,
    stack_protection,
    batch_actions,
    managed_policies,
    topic_policies,
    event_sources,
    pipeline_targets,
    faults,
    snapshots,
    git,
    front_door,
):
    adjustment.apply()

if __name__ == "__main__":
    lifeline.hold()
    app.main()
