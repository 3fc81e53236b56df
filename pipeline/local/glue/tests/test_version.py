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
    "ministack.core.iam_evaluator:_gather_role_policies":
        "(role_name: str, account_id: str) -> list[list[ministack.core.iam_evaluator.ParsedStatement]]",
    "ministack.core.iam_evaluator:_conditions_met":
        "(conditions: dict, ctx: ministack.core.iam_evaluator.EvalContext) -> bool",
    "ministack.core.iam_evaluator:_service_principal_matches": "(principal: Any, service: str) -> bool",
    "ministack.core.lambda_runtime:ProvidedWorker._drain_stderr_bounded":
        "(self, first_line_wait: float = 0.05, idle_confirm: float = 0.005, hard_cap: float = 0.25) -> str",
    "ministack.services.apigateway:_create_api": "(data)",
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
    "ministack.services.cloudformation.stacks:_runs_on_worker_thread": "(resource_type: str) -> bool",
    "ministack.services.eventbridge:_invoke_target": "(target, event, rule, view=None)",
    "ministack.services.eventbridge:_apply_input_transformer": "(transformer, rule, view)",
    "ministack.services.eventbridge:_put_events": "(data, allow_aws_source=False)",
    "ministack.services.iam:_extract_simulate_params": "(p)",
    "ministack.services.iam:_build_simulate_results_real":
        "(actions, resource_arn, principal_arn, account_id, policies)",
    "ministack.core.iam_evaluator:evaluate": None,
    "ministack.services.lambda_svc:_prune_orphan_code_blobs": "(referenced: set[str]) -> None",
    "ministack.services.lambda_svc:load_persisted_state": "(data) -> None",
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
