"""CloudFormation resource types of CodeDeploy, made by calls of its API like those of the other developer tools.

Gap: MiniStack refuses templates with AWS::CodeDeploy resources.
Leans on: what resource_types.py leans on.
"""

from glue import resource_types
from glue.api_shapes import to_input
from ministack.core.responses import get_account_id, get_region


def apply():
    resource_types.register(Application(), DeploymentConfig(), DeploymentGroup())


class _CodeDeploy(resource_types.Kind):
    service = "codedeploy"

    def retag(self, resource, old, new):
        """Brings the tags of a resource from those of the old properties to those of the new ones."""
        before, after = (to_input("codedeploy", "TagResource", {"Tags": props.get("Tags") or []})["Tags"]
                         for props in (old, new))
        named = {"ResourceArn": f"arn:aws:codedeploy:{get_region()}:{get_account_id()}:{resource}"}
        if gone := [tag["Key"] for tag in before if tag["Key"] not in {other["Key"] for other in after}]:
            self.call("UntagResource", {**named, "TagKeys": gone})
        if added := [tag for tag in after if tag not in before]:
            self.call("TagResource", {**named, "Tags": added})


class Application(_CodeDeploy):
    type = "AWS::CodeDeploy::Application"
    name_property = "ApplicationName"
    replacing = ("ApplicationName", "ComputePlatform")
    exists = "ApplicationAlreadyExistsException"
    missing = frozenset({"ApplicationDoesNotExistException"})

    def put_new(self, props):
        self.call("CreateApplication", to_input("codedeploy", "CreateApplication", props))
        return props[self.name_property], {}

    def put(self, name, old, new):
        self.call("GetApplication", {"applicationName": name})
        self.retag(f"application:{name}", old, new)
        return name, {}

    def remove(self, name, props):
        self.call("DeleteApplication", {"applicationName": name})


class DeploymentConfig(_CodeDeploy):
    type = "AWS::CodeDeploy::DeploymentConfig"
    name_property = "DeploymentConfigName"
    replacing = ("DeploymentConfigName", "ComputePlatform", "TrafficRoutingConfig")
    exists = "DeploymentConfigAlreadyExistsException"
    missing = frozenset({"DeploymentConfigDoesNotExistException"})

    def put_new(self, props):
        self.call("CreateDeploymentConfig", to_input("codedeploy", "CreateDeploymentConfig", props))
        return props[self.name_property], {}

    def put(self, name, old, new):
        self.call("GetDeploymentConfig", {"deploymentConfigName": name})
        return name, {}

    def remove(self, name, props):
        self.call("DeleteDeploymentConfig", {"deploymentConfigName": name})


class DeploymentGroup(_CodeDeploy):
    type = "AWS::CodeDeploy::DeploymentGroup"
    name_property = "DeploymentGroupName"
    replacing = ("ApplicationName", "DeploymentGroupName")
    exists = "DeploymentGroupAlreadyExistsException"
    missing = frozenset({"DeploymentGroupDoesNotExistException", "ApplicationDoesNotExistException"})

    def put_new(self, props):
        self.call("CreateDeploymentGroup", to_input("codedeploy", "CreateDeploymentGroup", props))
        return props[self.name_property], {}

    def put(self, name, old, new):
        data = to_input("codedeploy", "CreateDeploymentGroup", {
            key: value for key, value in new.items() if key not in ("DeploymentGroupName", "Tags")})
        # A property that is gone from the template is back at its default.
        defaults = {"alarmConfiguration": {}, "autoRollbackConfiguration": {},
                    "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce"}
        self.call("UpdateDeploymentGroup", defaults | data | {"currentDeploymentGroupName": name})
        self.retag(f"deploymentgroup:{new['ApplicationName']}/{name}", old, new)
        return name, {}

    def remove(self, name, props):
        self.call("DeleteDeploymentGroup", {
            "applicationName": props["ApplicationName"], "deploymentGroupName": name})
