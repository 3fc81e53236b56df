import inspect
import subprocess
import sys
import unittest
from importlib import import_module
from pathlib import Path

# What the adjustments replace or call, with the signature they rely on.
LEANS_ON = {
    "ministack.app:app": "(scope, receive, send)",
    "ministack.app:main": "()",
    "ministack.app:save_all": "(services: dict) -> None",
    "ministack.app:_build_persistence_save_dict": "()",
    "ministack.app:pin_request_origin": "(source_ip: str, secure_transport: bool) -> None",
    "ministack.app:detect_service": "(method: str, path: str, headers: dict, query_params: dict) -> str",
    "ministack.core.persistence:_json_default": "(obj)",
    "ministack.core.persistence:_state_format_version": "(service: str) -> int",
    "ministack.core.persistence:load_state": "(service: str) -> dict | None",
    "ministack.core.iam_actions:extract_iam_action":
        "(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict) -> str | None",
    "ministack.core.iam_actions:extract_resource_arn":
        "(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict, region: str,"
        " account_id: str) -> str",
    "ministack.core.iam_actions:identity_denial_message":
        "(action: str, principal_arn: str, resource: str, explicit_deny: bool) -> str",
    "ministack.core.iam_evaluator:caller_arn": "() -> str",
    "ministack.core.iam_evaluator:_gather_role_policies":
        "(role_name: str, account_id: str) -> list[list[ministack.core.iam_evaluator.ParsedStatement]]",
    "ministack.core.iam_evaluator:_conditions_met":
        "(conditions: dict, ctx: ministack.core.iam_evaluator.EvalContext) -> bool",
    "ministack.core.iam_evaluator:_service_principal_matches": "(principal: Any, service: str) -> bool",
    "ministack.core.iam_evaluator:_permissions_boundary": None,
    "ministack.core.lambda_runtime:ProvidedWorker._drain_stderr_bounded":
        "(self, first_line_wait: float = 0.05, idle_confirm: float = 0.005, hard_cap: float = 0.25) -> str",
    "ministack.services.apigateway:_create_api": "(data)",
    "ministack.services.apigateway:_cors_preflight_response": "(cors_cfg: dict, origin: str) -> tuple",
    "ministack.services.apigateway:_handle_execute_in_scope":
        "(api_id, stage, path, method, headers, body, query_params, owner_account_id, owner_region,"
        " raw_query_string=None)",
    "ministack.services.apigateway:_invoke_http_proxy": "(integration, path, method, headers, body, query_params)",
    "ministack.services.apigateway:_invoke_lambda_proxy":
        "(integration, api_id, stage, path, method, headers, body, query_params, route_key='$default',"
        " path_params=None, *, authorizer_claims=None, authorizer_scopes=None, authorizer_lambda_context=None,"
        " authorizer_iam=None, owner_account_id=None, owner_region=None, raw_query_string=None)",
    "ministack.services.apigateway:_match_route": "(api_id, method, path)",
    "ministack.services.cloudformation.provisioners:_cw_metric_alarm_record": "(name, props)",
    "ministack.services.cloudwatch:_calc_stats": "(points)",
    "ministack.services.cloudwatch:_dims_from_list": "(dimensions: list[dict]) -> dict",
    "ministack.services.cloudwatch:_dims_key": "(dims: dict) -> str",
    "ministack.services.cloudwatch:_dispatch_alarm_actions": "(alarm, old_state, new_state, reason)",
    "ministack.services.cloudwatch:_evaluate_alarm": "(alarm)",
    "ministack.services.cloudwatch:_evaluate_parent_alarms": "(child, seen=frozenset())",
    "ministack.services.cloudwatch:_record_history":
        "(alarm_name, old_state, new_state, reason, alarm_type='MetricAlarm', reason_data=None)",
    "ministack.services.cloudwatch:_stat_value": "(stats, stat_name, points=None)",
    "ministack.services.cognito:_resolve_user": "(pool: dict, username: str)",
    "ministack.services.dynamodb:get_state": "()",
    "ministack.services.dynamodb:load_persisted_state": "(data)",
    "ministack.services.dynamodb:stream_start_position": "(table_name: str, *, account_id=None, region=None) -> int",
    "ministack.services.dynamodb:stream_end_position": "(table_name: str, *, account_id=None, region=None) -> int",
    "ministack.services.dynamodb:stream_records_since":
        "(table_name: str, position: int, limit: int, *, account_id=None, region=None) -> list[dict]",
    "ministack.services.dynamodb:_stream_records": None,
    "ministack.services.dynamodb:_tables": None,
    "ministack.services.dynamodb:_ttl_settings": None,
    "ministack.services.dynamodb:_update_continuous_backups": "(data)",
    "ministack.services.dynamodb:_update_ttl": "(data)",
    "ministack.services.dynamodb:_stream_trimmed": None,
    "ministack.services.dynamodb_streams:_DEFAULT_SHARD_ID": None,
    "ministack.services.cloudformation:load_persisted_state": "(data)",
    "ministack.services.cloudformation.changesets:_resolve_props_for_diff":
        "(template, params, stack_name, stack_id)",
    "ministack.services.cloudformation.changesets:_find_change_set": "(cs_name, stack_name='')",
    "ministack.services.cloudformation.engine:_evaluate_conditions": None,
    "ministack.services.cloudformation.engine:_resolve_refs":
        "(value, resources, params, conditions, mappings, stack_name, stack_id)",
    "ministack.services.cloudformation.provisioners:_physical_name":
        "(stack_name: str, logical_id: str, *, lowercase: bool = False, max_len: int = 128, seeded: bool = True)"
        " -> str",
    "ministack.services.cloudformation.provisioners:_apigw_v2_api_create": "(logical_id, props, stack_name)",
    "ministack.services.cloudformation.provisioners:_apigw_v2_api_update":
        "(physical_id, old_props, new_props, stack_name, logical_id=None)",
    "ministack.services.cloudformation.provisioners:_cw_metric_alarm_record": "(name, props)",
    "ministack.services.cloudwatch:_evaluate_alarm": "(alarm)",
    "ministack.services.cloudwatch:_stat_value": "(stats, stat_name, points=None)",
    "ministack.services.cloudwatch:_calc_stats": "(points)",
    "ministack.services.cloudwatch:_dims_key": "(dims: dict) -> str",
    "ministack.services.cloudwatch:_dims_from_list": "(dimensions: list[dict]) -> dict",
    "ministack.services.cloudwatch:_record_history":
        "(alarm_name, old_state, new_state, reason, alarm_type='MetricAlarm', reason_data=None)",
    "ministack.services.cloudwatch:_dispatch_alarm_actions": "(alarm, old_state, new_state, reason)",
    "ministack.services.cloudwatch:_evaluate_parent_alarms": None,
    "ministack.services.cloudformation.stacks:_runs_on_worker_thread": "(resource_type: str) -> bool",
    "ministack.core.iam_evaluator:_first_match":
        "(ctx: ministack.core.iam_evaluator.EvalContext, stmts:"
        " list[ministack.core.iam_evaluator.ParsedStatement], effect: str) ->"
        " ministack.core.iam_evaluator.ParsedStatement | None",
    "ministack.core.iam_evaluator:_names_condition_key":
        "(policies: list[list[ministack.core.iam_evaluator.ParsedStatement]], prefix: str) -> bool",
    "ministack.core.iam_evaluator:parse_policy_document":
        "(doc: str | dict) -> list[ministack.core.iam_evaluator.ParsedStatement]",
    "ministack.services.cloudformation.changesets:_deploy_stack_async":
        "(stack_name: str, stack_id: str, template: dict, param_values: dict, disable_rollback: bool, tags:"
        " list, is_update: bool = False, previous_stack: dict | None = None, retain_except_on_create: bool ="
        " False, imports: dict | None = None)",
    "ministack.services.cloudformation.handlers:_deploy_stack_async":
        "(stack_name: str, stack_id: str, template: dict, param_values: dict, disable_rollback: bool, tags:"
        " list, is_update: bool = False, previous_stack: dict | None = None, retain_except_on_create: bool ="
        " False, imports: dict | None = None)",
    "ministack.services.cloudformation.handlers:_resolve_stack": "(stack_name)",
    "ministack.services.cloudformation.helpers:_resolve_document": "(params, body_key, url_key, label)",
    "ministack.services.cloudformation.provisioners:_STACK_TAG_PROPERTY": None,
    "ministack.services.cloudformation.provisioners:_replacing_change":
        "(resource_type, old_props, new_props) -> bool",
    "ministack.services.cloudformation.provisioners:_tag_map": "(tags) -> dict",
    "ministack.services.cloudformation.stacks:_add_event":
        "(stack_id, stack_name, logical_id, resource_type, status, reason='', physical_id='',"
        " detailed_status='')",
    "ministack.services.cloudformation.stacks:_delete_resource":
        "(resource_type: str, physical_id: str, props: dict, stack_name: str | None = None, logical_id: str |"
        " None = None)",
    "ministack.services.cloudformation.stacks:_failed_operation":
        "(is_update, previous_stack, created, failed_update, failed_logical_id, replaced_ids, cancelled,"
        " template, param_values, retain_except_on_create, stack_tags, previous_tags, imports=None) -> dict",
    "ministack.services.cloudformation.stacks:_provision_resource":
        "(resource_type: str, logical_id: str, props: dict, stack_name: str) -> tuple",
    "ministack.services.cloudformation.stacks:_roll_back_operation":
        "(stack_name: str, stack_id: str, stack: dict, operation: dict, reason_override: str = '')",
    "ministack.services.cloudformation.stacks:_update_resource":
        "(resource_type: str, physical_id: str, old_props: dict, new_props: dict, stack_name: str, logical_id:"
        " str | None = None, old_attrs: dict | None = None) -> tuple",
    "ministack.services.iam:_boundary_policy_error": "(arn)",
    "ministack.services.tagging:resource_tags": "(arn: str) -> dict[str, str] | None",
    "ministack.services.eventbridge:_invoke_target": "(target, event, rule, view=None)",
    "ministack.services.eventbridge:_apply_input_transformer": "(transformer, rule, view)",
    "ministack.services.eventbridge:_dispatch_to_lambda": "(arn, payload)",
    "ministack.services.eventbridge:_dispatch_to_sqs": "(spec, payload, sqs_parameters=None)",
    "ministack.services.eventbridge:_dispatch_to_sns": "(arn, payload)",
    "ministack.services.eventbridge:_put_events": "(data, allow_aws_source=False)",
    "ministack.services.iam:_extract_simulate_params": "(p)",
    "ministack.services.iam:_build_simulate_results_real":
        "(actions, resource_arn, principal_arn, account_id, policies)",
    "ministack.core.iam_evaluator:evaluate": None,
    "ministack.services.apigateway:_apis": None,
    "ministack.services.apigateway:_stages": None,
    "ministack.services.cloudwatch:_evict_old_metrics": "()",
    "ministack.services.cloudwatch:_metrics": None,
    "ministack.services.cloudwatch:_alarms": None,
    "ministack.services.lambda_svc:_acquire_execution_slot": "(func: dict, config: dict)",
    "ministack.services.lambda_svc:_emit_lambda_logs":
        "(func: dict, request_id: str, log_text: str, error: bool, duration_ms: int, *, log_source: str | None = None)"
        " -> None",
    "ministack.services.lambda_svc:_emit_lambda_metrics":
        "(function_name: str, duration_ms: float, error: bool, throttle: bool) -> None",
    "ministack.services.lambda_svc:_execute_function_dispatch":
        "(func: dict, config: dict, event: dict, request_id: str, started: float) -> dict",
    "ministack.services.lambda_svc:_functions": None,
    "ministack.services.lambda_svc:_invoke":
        "(name: str, event: dict, headers: dict, path_qualifier: str | None = None, query_params: dict | None = None)",
    "ministack.services.lambda_svc:_qp_first": "(query_params: dict, key: str, default: str = '') -> str",
    "ministack.services.lambda_svc:_apply_filter_criteria": "(records: list[dict], esm: dict) -> list[dict]",
    "ministack.services.lambda_svc:_create_esm": "(data: dict)",
    "ministack.services.lambda_svc:_dispatch_esm_batch": "(esm_id: str, fn, *args) -> None",
    "ministack.services.lambda_svc:_dynamodb_stream_positions": None,
    "ministack.services.lambda_svc:_esm_inflight": None,
    "ministack.services.lambda_svc:_event_invoke_config": "(func: dict, qualifier: str | None) -> dict | None",
    "ministack.services.lambda_svc:_execute_function_with_config_scope": "(func: dict, event: dict) -> dict",
    "ministack.services.lambda_svc:_execution_record_for_config": "(func: dict, config: dict) -> dict",
    "ministack.services.lambda_svc:_get_func_record_for_ref": None,
    "ministack.services.lambda_svc:_put_event_invoke_config": "(func_name: str, qualifier: str | None, data: dict)",
    "ministack.services.lambda_svc:_run_with_function_config_scope":
        "(func_or_config: dict, callback, *args, **kwargs)",
    "ministack.services.lambda_svc:_update_esm": "(esm_id: str, data: dict)",
    "ministack.services.lambda_svc:invoke_async_with_retry": "(func: dict, event: dict) -> None",
    "ministack.services.lambda_svc:lambda_execute_result_to_api_proxy_response": None,
    "ministack.services.lambda_svc:_execute_function": "(func: dict, event: dict) -> dict",
    "ministack.services.lambda_svc:_get_func_record_for_qualifier": None,
    "ministack.services.lambda_svc:_iter_all_esms": "()",
    "ministack.services.lambda_svc:_poll_dynamodb_streams": "()",
    "ministack.services.lambda_svc:_provided_worker_env": "(config: dict, code_dir: str, port: int) -> dict",
    "ministack.services.lambda_svc:_resolve_name_and_qualifier": None,
    "ministack.services.lambda_svc:_prune_orphan_code_blobs": "(referenced: set[str]) -> None",
    "ministack.services.lambda_svc:load_persisted_state": "(data) -> None",
    "ministack.app:_load_persisted_state": "()",
    "ministack.core.iam_actions:_lambda_action": "(method: str, path: str) -> str | None",
    "ministack.services.cloudformation:_stacks": None,
    "ministack.services.cloudformation.engine:_extract_deps": "(resource_def: dict, all_resource_names: set) -> set",
    "ministack.services.cloudformation.engine:_intrinsic_references": "(value)",
    "ministack.services.cloudformation.engine:_NO_VALUE": None,
    "ministack.services.cloudformation.stacks:_add_event":
        "(stack_id, stack_name, logical_id, resource_type, status, reason='', physical_id='', detailed_status='')",
    "ministack.services.cloudformation.stacks:_deploy_stack_async":
        "(stack_name: str, stack_id: str, template: dict, param_values: dict, disable_rollback: bool, tags: list,"
        " is_update: bool = False, previous_stack: dict | None = None, retain_except_on_create: bool = False,"
        " imports: dict | None = None)",
    "ministack.services.cloudformation.stacks:_roll_back_operation":
        "(stack_name: str, stack_id: str, stack: dict, operation: dict, reason_override: str = '')",
    "ministack.services.cloudformation.stacks:_update_resource":
        "(resource_type: str, physical_id: str, old_props: dict, new_props: dict, stack_name: str,"
        " logical_id: str | None = None, old_attrs: dict | None = None) -> tuple",
    "ministack.services.lambda_svc:_functions": None,
    "ministack.services.lambda_svc:_update_alias": "(func_name: str, alias_name: str, data: dict)",
}


class Version(unittest.TestCase):
    def test_what_the_glue_leans_on(self):
        for name, signature in LEANS_ON.items():
            module, _, path = name.partition(":")
            found = import_module(module)
            for part in path.split("."):
                found = getattr(found, part)
            if signature:
                self.assertEqual(str(inspect.signature(found)).replace("typing.", ""), signature, name)

    def test_another_version_is_refused(self):
        code = "import importlib.metadata as m; m.version = lambda _: '9.9.9'; import glue"
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("needs ministack 1.5.33, but 9.9.9 is installed", run.stderr)
