"""Which ARNs an operation of the developer tools is authorized on, as AWS's service authorization
reference lists them."""

_STAGE = {"DisableStageTransition", "EnableStageTransition", "RetryStageExecution", "RollbackStage",
          "OverrideStageCondition"}


def arns(service, operation, data, region, account_id, group_of):
    """The ARNs for an operation's decoded input; `["*"]` where AWS checks no resource. `group_of` answers the names of
    a deployment's application and group, or None for one that CodeDeploy does not know."""
    prefix = f"arn:aws:{service}:{region}:{account_id}:"
    if service == "codedeploy":
        named = _codedeploy(operation, data, group_of)
    else:
        named = _RULES[service](operation, data)
    return [name if name.startswith("arn:") else prefix + name for name in named] or ["*"]


def _codecommit(operation, data):
    names = [data.get("repositoryName") or data.get("oldName") or data.get("resourceArn"),
             *data.get("repositoryNames", [])]
    return [name for name in names if name]


def _codepipeline(operation, data):
    if "resourceArn" in data:
        return [data["resourceArn"]]
    pipeline = data.get("pipelineName") or data.get("name") or data.get("pipeline", {}).get("name")
    if not pipeline or operation in ("PollForJobs", "ListPipelines"):
        return []
    if operation == "PutApprovalResult":
        return [f"{pipeline}/{data['stageName']}/{data['actionName']}"]
    if operation in _STAGE:
        return [f"{pipeline}/{data['stageName']}"]
    return [pipeline]


def _codebuild(operation, data):
    projects = [data.get("projectName"), *data.get("names", [])]
    groups = [data.get("reportGroupArn"), *data.get("reportGroupArns", [])]
    reports = [data.get("reportArn"), *data.get("reportArns", [])]
    builds = [data.get("id"), *data.get("ids", [])]
    if operation in ("CreateProject", "UpdateProject", "DeleteProject"):
        projects.append(data.get("name"))
    elif operation == "CreateReportGroup":
        groups.append(data.get("name"))
    elif operation in ("UpdateReportGroup", "DeleteReportGroup"):
        groups.append(data.get("arn"))
    elif operation == "DeleteReport":
        reports.append(data.get("arn"))
    return ([_project(name) for name in projects if name]
            + [_project(_local(build, "build/").rsplit(":", 1)[0]) for build in builds if build]
            + [_report_group(name) for name in groups if name]
            + [_report_group(_local(report, "report/").rsplit(":", 1)[0]) for report in reports if report])


def _codedeploy(operation, data, group_of):
    deployments = [data.get("deploymentId"), *data.get("deploymentIds", [])]
    if deployments := [deployment for deployment in deployments if deployment]:
        return ["deploymentgroup:" + "/".join(names) for deployment in deployments if (names := group_of(deployment))]
    if "ResourceArn" in data:
        return [data["ResourceArn"]]
    application, config = data.get("applicationName"), data.get("deploymentConfigName")
    group = data.get("deploymentGroupName") or data.get("currentDeploymentGroupName")
    if application and group:
        return [f"deploymentgroup:{application}/{group}"]
    if application and operation != "ListDeployments":
        return [f"application:{application}"]
    return [f"deploymentconfig:{config}"] if config else []


def _project(name):
    return name if name.startswith("arn:") else f"project/{name}"


def _report_group(name):
    return name if name.startswith("arn:") else f"report-group/{name}"


def _local(name, kind):
    """A name, or an ARN's part after its kind."""
    return name.split(f":{kind}", 1)[1] if name.startswith("arn:") else name


_RULES = {"codecommit": _codecommit, "codebuild": _codebuild, "codepipeline": _codepipeline}
