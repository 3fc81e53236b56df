"""CloudFormation resource types of the developer tools.

Gap: MiniStack refuses templates with AWS::CodeCommit, AWS::CodePipeline or
AWS::CodeBuild::ReportGroup resources, and provisions AWS::CodeBuild::Project into its own records.
As on AWS, each resource is made by calls of the service's API; properties that the service does
not support are passed on, so that it refuses them by name.
Leans on: _RESOURCE_HANDLERS, _REPLACING_PROPERTIES, _STACK_TAG_PROPERTY, _physical_name of
cloudformation/provisioners.py; _runs_on_worker_thread of cloudformation/stacks.py; _stacks.
"""

from glue import devtools
from glue.api_shapes import to_input
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks


def apply():
    register(Repository(), Project(), ReportGroup(), Pipeline())


def register(*kinds):
    """Lets CloudFormation make resources of these kinds."""
    types = {kind.type: kind for kind in kinds}
    on_worker_thread = stacks._runs_on_worker_thread
    # They wait for another process, which calls back into this one.
    stacks._runs_on_worker_thread = lambda name: name in types or on_worker_thread(name)
    for name, kind in types.items():
        provisioners._REPLACING_PROPERTIES[name] = kind.replacing
        provisioners._STACK_TAG_PROPERTY[name] = ("Tags", "list")
        provisioners._RESOURCE_HANDLERS[name] = {
            "create": kind.create, "update": kind.update, "update_with_logical_id": True, "delete": kind.delete}


class Kind:
    """A resource type whose resources have names that are unique in account and region."""

    type: str
    service: str
    name_property = "Name"
    replacing: tuple[str, ...] = ()
    exists: str  # the error code of a create whose name is taken
    missing: frozenset[str]  # the error codes of calls that name nothing

    def call(self, operation, data, headers=None):
        return devtools.call(self.service, operation, data, headers)

    def create(self, logical_id, props, stack_name):
        name = props.get(self.name_property) or provisioners._physical_name(stack_name, logical_id, max_len=100)
        props = {**props, self.name_property: name}
        try:
            return self.put_new(props)
        except devtools.Failed as error:
            if error.code != self.exists or self._owned(name):
                raise
            # MiniStack lost the stack that made it (killed before its snapshot): take it over.
            return self.put(name, {}, props)

    def update(self, physical_id, old, new, stack_name, logical_id):
        name = self.name_of(physical_id, old)
        try:
            return self.put(name, old, {**new, self.name_property: new.get(self.name_property) or name})
        except devtools.Failed as error:
            if error.code not in self.missing:
                raise
            return self.create(logical_id, new, stack_name)

    def delete(self, physical_id, props):
        try:
            self.remove(self.name_of(physical_id, props), props)
        except devtools.Failed as error:
            if error.code not in self.missing:
                raise

    def name_of(self, physical_id, props):
        return physical_id

    def _owned(self, name):
        return any(resource["ResourceType"] == self.type
                   and self.name_of(resource["PhysicalResourceId"], resource["Properties"]) == name
                   for stack in cloudformation._stacks.values()
                   for resource in stack.get("_resources", {}).values())

    # Each answers the physical id and the attributes; `put` brings `name` from old to new properties.
    def put_new(self, props): raise NotImplementedError
    def put(self, name, old, new): raise NotImplementedError
    def remove(self, name, props): raise NotImplementedError


class Repository(Kind):
    type = "AWS::CodeCommit::Repository"
    service = "codecommit"
    name_property = "RepositoryName"
    exists = "RepositoryNameExistsException"
    missing = frozenset({"RepositoryDoesNotExistException"})

    def name_of(self, physical_id, props):
        return props[self.name_property]  # Ref is an id; the name is required

    def put_new(self, props):
        return self._made(self.call("CreateRepository", to_input("codecommit", "CreateRepository", props)))

    def put(self, name, old, new):
        if name != new[self.name_property]:
            self.call("UpdateRepositoryName", {"oldName": name, "newName": new[self.name_property]})
            name = new[self.name_property]
        if old.get("RepositoryDescription") != new.get("RepositoryDescription"):
            self.call("UpdateRepositoryDescription", {
                "repositoryName": name, "repositoryDescription": new.get("RepositoryDescription", "")})
        return self._made(self.call("GetRepository", {"repositoryName": name}))

    def remove(self, name, props):
        self.call("DeleteRepository", {"repositoryName": name})

    @staticmethod
    def _made(answer):
        made = answer["repositoryMetadata"]
        return made["repositoryId"], {
            "Arn": made["Arn"], "Name": made["repositoryName"], "RepositoryId": made["repositoryId"],
            "CloneUrlHttp": made["cloneUrlHttp"], "CloneUrlSsh": made["cloneUrlSsh"]}


class Project(Kind):
    type = "AWS::CodeBuild::Project"
    service = "codebuild"
    replacing = ("Name",)
    exists = "ResourceAlreadyExistsException"
    missing = frozenset({"ResourceNotFoundException"})

    def put_new(self, props):
        return self._made(self.call("CreateProject", to_input("codebuild", "CreateProject", props)))

    def put(self, name, old, new):
        return self._made(self.call("UpdateProject", to_input("codebuild", "UpdateProject", new)))

    def remove(self, name, props):
        self.call("DeleteProject", {"name": name})

    @staticmethod
    def _made(answer):
        return answer["project"]["name"], {"Arn": answer["project"]["arn"]}


class ReportGroup(Kind):
    type = "AWS::CodeBuild::ReportGroup"
    service = "codebuild"
    replacing = ("Name", "Type")
    exists = "ResourceAlreadyExistsException"
    missing = frozenset({"ResourceNotFoundException"})

    def name_of(self, physical_id, props):
        return physical_id.rsplit("/", 1)[-1]  # Ref is the ARN

    def put_new(self, props):
        return self._made(self.call("CreateReportGroup", to_input("codebuild", "CreateReportGroup", _without(
            props, "DeleteReports"))))

    def put(self, name, old, new):
        data = to_input("codebuild", "UpdateReportGroup", _without(new, "Name", "Type", "DeleteReports"))
        return self._made(self.call("UpdateReportGroup", {**data, "arn": self._arn(name)}))

    def remove(self, name, props):
        self.call("DeleteReportGroup", {"arn": self._arn(name), "deleteReports": bool(props.get("DeleteReports"))})

    @staticmethod
    def _arn(name):
        return f"arn:aws:codebuild:{get_region()}:{get_account_id()}:report-group/{name}"

    @staticmethod
    def _made(answer):
        return answer["reportGroup"]["arn"], {"Arn": answer["reportGroup"]["arn"]}


class Pipeline(Kind):
    type = "AWS::CodePipeline::Pipeline"
    service = "codepipeline"
    replacing = ("Name",)
    exists = "PipelineNameInUseException"
    missing = frozenset({"PipelineNotFoundException"})
    _NOT_DECLARATION = ("Tags", "DisableInboundStageTransitions", "RestartExecutionOnUpdate")

    def put_new(self, props):
        data = to_input("codepipeline", "CreatePipeline", {
            "Pipeline": self._declaration(props), "Tags": props.get("Tags") or []})
        return self._made(self.call("CreatePipeline", data), {}, props)

    def put(self, name, old, new):
        data = to_input("codepipeline", "UpdatePipeline", {"Pipeline": self._declaration(new)})
        made = self._made(self.call("UpdatePipeline", data), old, new)
        if str(new.get("RestartExecutionOnUpdate", "")).lower() == "true":
            self.call("StartPipelineExecution", {"name": name})
        return made

    def remove(self, name, props):
        self.call("DeletePipeline", {"name": name})

    def _declaration(self, props):
        declaration = _without(props, *self._NOT_DECLARATION)
        if "ArtifactStores" in declaration:  # a list in templates, a map by region in the API
            declaration["ArtifactStores"] = {
                entry["Region"]: entry["ArtifactStore"] for entry in declaration["ArtifactStores"]}
        return declaration

    def _made(self, answer, old, new):
        made = answer["pipeline"]
        before, after = (
            {entry["StageName"]: entry["Reason"] for entry in props.get("DisableInboundStageTransitions") or []}
            for props in (old, new))
        for stage in before.keys() - after.keys():
            self.call("EnableStageTransition", {
                "pipelineName": made["name"], "stageName": stage, "transitionType": "Inbound"})
        for stage, reason in after.items():
            if before.get(stage) != reason:
                self.call("DisableStageTransition", {
                    "pipelineName": made["name"], "stageName": stage, "transitionType": "Inbound", "reason": reason})
        arn = f"arn:aws:codepipeline:{get_region()}:{get_account_id()}:{made['name']}"
        return made["name"], {"Version": str(made["version"]), "Arn": arn}


def _without(props, *names):
    return {name: value for name, value in props.items() if name not in names}
