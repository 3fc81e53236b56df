"""What CloudFormation does to a resource of each type, as IAM sees it: the data of stack_roles.py.

Source: the `handlers` of each type's schema in the CloudFormation registry, and for resources and condition keys the
service authorization reference. A schema lists what a handler may call; here is what it is certain to call for the
properties that a template sets, so what is refused here fails on AWS, and what passes here may still lack a right there
that a handler asks for only sometimes.

Actions are written without their service, which is the ARN's; one that is asked on another resource has it after an @.
In ARNs, {name} is the physical name ({path} without a slash at its beginning), {id} the physical id (`*` before the
service has made it up), and any other word in braces a property.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from glue import handler_rules
from glue.handler_rules import FUNCTION, Change, Right


class Kind(NamedTuple):
    arn: str
    create: str = ""
    update: str = ""  # for a change of any property that is not named below
    delete: str = ""
    read: str = ""  # before or after each of them
    tags: tuple | str = ""  # for tags of the template or the stack: an action, or (when set, when removed)
    name: str = ""  # the property with the physical name
    properties: dict = {}  # of creations and updates: an action, or (when set, when removed)
    changes: dict = {}  # the same, of updates only
    more: Callable[[Change], Iterable[Right]] = lambda change: ()


_API = "apigateway:{region}::/apis"
_REST = "apigateway:{region}::/restapis"
_POOL = "cognito-idp:{region}:{account}:userpool/{UserPoolId}"


def _part(collection, parent):
    """A part of an API: made in a collection of the API, changed and removed in itself."""
    return Kind(f"{parent}/{collection}/{{id}}", create=f"POST@{parent}/{collection}", update="PATCH", delete="DELETE")


def _edge(kind, noun):
    """What a distribution refers to."""
    return Kind(f"cloudfront::{{account}}:{kind}/{{id}}", create=f"Create{noun}", update=f"Update{noun}",
                delete=f"Delete{noun}", read=f"Get{noun}")


KINDS = {
    "AWS::ApiGateway::Deployment": _part("deployments", _REST + "/{RestApiId}"),
    "AWS::ApiGateway::RestApi": Kind(
        _REST + "/{id}", create=f"POST@{_REST}", update="PATCH", delete="DELETE", read="GET",
        properties={"Body": "PUT", "BodyS3Location": "PUT"},
        tags=("PUT@apigateway:{region}::/tags/{id}", "DELETE@apigateway:{region}::/tags/{id}")),
    "AWS::ApiGateway::Stage": Kind(
        _REST + "/{RestApiId}/stages/{StageName}", create=f"POST@{_REST}/{{RestApiId}}/stages", update="PATCH",
        delete="DELETE", tags=("PUT@apigateway:{region}::/tags/{id}", "DELETE@apigateway:{region}::/tags/{id}")),
    # An HTTP API of a Body is imported (PUT), one of single resources made (POST).
    "AWS::ApiGatewayV2::Api": Kind(
        _API + "/{id}", update="PATCH", delete="DELETE", read="GET", changes={"Body": "PUT"}, more=lambda change: (
            [Right("apigateway:PUT" if change.sets("Body") else "apigateway:POST", change.arn(_API))]
            if change.operation == "create" else [])),
    "AWS::ApiGatewayV2::Authorizer": _part("authorizers", _API + "/{ApiId}"),
    "AWS::ApiGatewayV2::Deployment": _part("deployments", _API + "/{ApiId}"),
    "AWS::ApiGatewayV2::Integration": _part("integrations", _API + "/{ApiId}"),
    "AWS::ApiGatewayV2::Route": _part("routes", _API + "/{ApiId}"),
    "AWS::ApiGatewayV2::Stage": Kind(
        _API + "/{ApiId}/stages/{StageName}", create=f"POST@{_API}/{{ApiId}}/stages", update="PATCH", delete="DELETE",
        read="GET", tags=(f"TagResource@{_API}/{{ApiId}}/stages", f"UntagResource@{_API}/{{ApiId}}/stages"),
        properties={"AccessLogSettings": "PATCH logs:CreateLogDelivery@* logs:GetLogDelivery@* logs:UpdateLogDelivery@* "
                                         "logs:ListLogDeliveries@* logs:PutResourcePolicy@* "
                                         "logs:DescribeResourcePolicies@* logs:DescribeLogGroups@*"}),
    "AWS::CloudFormation::CustomResource": Kind("", more=handler_rules.custom),  # and every Custom:: type
    "AWS::CloudFormation::WaitCondition": Kind(""),
    "AWS::CloudFormation::WaitConditionHandle": Kind(""),
    # CloudFront makes up all ids but functions' names, and is no service of a region.
    "AWS::CloudFront::CachePolicy": _edge("cache-policy", "CachePolicy"),
    "AWS::CloudFront::Distribution": Kind(
        "cloudfront::{account}:distribution/{id}", create="CreateDistribution", update="UpdateDistribution",
        delete="DeleteDistribution", read="GetDistribution", tags=("TagResource", "UntagResource")),
    "AWS::CloudFront::Function": Kind(
        "cloudfront::{account}:function/{name}", create="CreateFunction", update="UpdateFunction", delete="DeleteFunction",
        read="DescribeFunction", tags=("TagResource", "UntagResource"), name="Name", more=handler_rules.published),
    "AWS::CloudFront::OriginAccessControl": _edge("origin-access-control", "OriginAccessControl"),
    "AWS::CloudFront::OriginRequestPolicy": _edge("origin-request-policy", "OriginRequestPolicy"),
    "AWS::CloudFront::ResponseHeadersPolicy": _edge("response-headers-policy", "ResponseHeadersPolicy"),
    "AWS::CloudWatch::Alarm": Kind(
        "cloudwatch:{region}:{account}:alarm:{name}", create="PutMetricAlarm", update="PutMetricAlarm",
        delete="DeleteAlarms", read="DescribeAlarms", tags=("TagResource", "UntagResource"), name="AlarmName"),
    "AWS::CloudWatch::Dashboard": Kind(
        "cloudwatch::{account}:dashboard/{name}", create="PutDashboard GetDashboard", update="PutDashboard",
        delete="DeleteDashboards", tags=("TagResource", "UntagResource"), name="DashboardName"),
    "AWS::CodeBuild::Project": Kind(
        "codebuild:{region}:{account}:project/{name}", create="CreateProject", update="UpdateProject",
        delete="DeleteProject", name="Name", more=handler_rules.passes("codebuild.amazonaws.com", "ServiceRole")),
    "AWS::CodeBuild::ReportGroup": Kind(
        "codebuild:{region}:{account}:report-group/{name}", create="CreateReportGroup", update="UpdateReportGroup",
        delete="DeleteReportGroup", name="Name"),
    "AWS::CodeCommit::Repository": Kind(
        "codecommit:{region}:{account}:{RepositoryName}", create="CreateRepository", delete="DeleteRepository",
        tags=("TagResource", "UntagResource"), name="RepositoryName",
        changes={"RepositoryName": "UpdateRepositoryName",
                 "RepositoryDescription": "UpdateRepositoryDescription"},
        properties={"Triggers": "PutRepositoryTriggers"}),
    "AWS::CodeDeploy::Application": Kind(
        "codedeploy:{region}:{account}:application:{name}", create="CreateApplication", delete="DeleteApplication",
        tags=("TagResource", "UntagResource"), name="ApplicationName"),
    "AWS::CodeDeploy::DeploymentGroup": Kind(
        "codedeploy:{region}:{account}:deploymentgroup:{ApplicationName}/{name}", create="CreateDeploymentGroup",
        update="UpdateDeploymentGroup", delete="DeleteDeploymentGroup", tags=("TagResource", "UntagResource"),
        name="DeploymentGroupName",
        more=handler_rules.passes("codedeploy.amazonaws.com", "ServiceRoleArn")),
    "AWS::CodePipeline::Pipeline": Kind(
        "codepipeline:{region}:{account}:{name}", create="CreatePipeline GetPipeline", update="UpdatePipeline GetPipeline",
        delete="DeletePipeline", tags=("TagResource", "UntagResource"), name="Name", more=handler_rules.pipeline),
    "AWS::Cognito::UserPool": Kind(
        "cognito-idp:{region}:{account}:userpool/{id}", create="CreateUserPool@*", update="UpdateUserPool",
        delete="DeleteUserPool", read="DescribeUserPool"),
    "AWS::Cognito::UserPoolClient": Kind(
        _POOL, create="CreateUserPoolClient", update="UpdateUserPoolClient", delete="DeleteUserPoolClient",
        read="DescribeUserPoolClient"),
    "AWS::Cognito::UserPoolDomain": Kind(
        _POOL, create="CreateUserPoolDomain", update="UpdateUserPoolDomain", delete="DeleteUserPoolDomain"),
    "AWS::Cognito::UserPoolGroup": Kind(
        _POOL, create="CreateGroup", update="UpdateGroup", delete="DeleteGroup", read="GetGroup"),
    "AWS::DynamoDB::Table": Kind(
        "dynamodb:{region}:{account}:table/{name}", create="CreateTable", update="UpdateTable", delete="DeleteTable",
        read="DescribeTable", tags=("TagResource", "UntagResource"), name="TableName",
        properties={"PointInTimeRecoverySpecification": "UpdateContinuousBackups",
                    "TimeToLiveSpecification": "UpdateTimeToLive",
                    "ResourcePolicy": ("PutResourcePolicy", "DeleteResourcePolicy")}),
    "AWS::Events::Rule": Kind(
        "events:{region}:{account}:rule/{name}", create="PutRule DescribeRule", update="PutRule DescribeRule",
        delete="RemoveTargets DeleteRule", tags=("TagResource", "UntagResource"), name="Name", properties={
            "Targets": ("PutTargets", "RemoveTargets")}, more=handler_rules.targets),
    "AWS::IAM::ManagedPolicy": Kind(
        "iam::{account}:policy/{name}", create="CreatePolicy", delete="DeletePolicy ListPolicyVersions",
        changes={"PolicyDocument": "CreatePolicyVersion ListPolicyVersions"}, name="ManagedPolicyName",
        more=handler_rules.entities("Attach", "Detach", managed=True)),
    "AWS::IAM::Policy": Kind("", more=handler_rules.entities("Put", "Delete", managed=False)),
    "AWS::IAM::Role": Kind(
        "iam::{account}:role{Path}{name}", read="GetRole", tags=("TagRole", "UntagRole"), name="RoleName",
        more=handler_rules.role),
    "AWS::Lambda::Alias": Kind(FUNCTION, create="CreateAlias", delete="DeleteAlias", read="GetAlias", more=handler_rules.alias),
    "AWS::Lambda::EventInvokeConfig": Kind(
        FUNCTION + ":{Qualifier}", create="PutFunctionEventInvokeConfig", update="UpdateFunctionEventInvokeConfig",
        delete="DeleteFunctionEventInvokeConfig"),
    "AWS::Lambda::EventSourceMapping": Kind(
        "lambda:{region}:{account}:event-source-mapping:{id}", tags=("TagResource", "UntagResource"),
        more=handler_rules.event_source),
    "AWS::Lambda::Function": Kind(
        "lambda:{region}:{account}:function:{name}", create="CreateFunction", update="UpdateFunctionConfiguration",
        delete="DeleteFunction", read="GetFunction", tags=("TagResource", "UntagResource"), name="FunctionName",
        changes={"Code": "UpdateFunctionCode"},
        properties={"ReservedConcurrentExecutions": ("PutFunctionConcurrency", "DeleteFunctionConcurrency")},
        more=handler_rules.function),
    "AWS::Lambda::Permission": Kind(FUNCTION, create="AddPermission", delete="RemovePermission"),
    "AWS::Lambda::Url": Kind(
        FUNCTION, create="CreateFunctionUrlConfig", update="UpdateFunctionUrlConfig", delete="DeleteFunctionUrlConfig"),
    "AWS::Lambda::Version": Kind(
        FUNCTION, create="PublishVersion", delete="DeleteFunction@{id}",
        properties={"ProvisionedConcurrencyConfig": ("PutProvisionedConcurrencyConfig", "DeleteProvisionedConcurrencyConfig")}),
    "AWS::Logs::LogGroup": Kind(
        "logs:{region}:{account}:log-group:{name}:log-stream:", create="CreateLogGroup", delete="DeleteLogGroup",
        read="DescribeLogGroups@logs:{region}:{account}:log-group::log-stream:", name="LogGroupName",
        tags=("TagResource@logs:{region}:{account}:log-group:{name}", "UntagResource@logs:{region}:{account}:log-group:{name}"),
        properties={"RetentionInDays": ("PutRetentionPolicy", "DeleteRetentionPolicy"),
                    "KmsKeyId": ("AssociateKmsKey", "DisassociateKmsKey")}),
    "AWS::S3::Bucket": Kind(
        "s3:::{name}", create="CreateBucket", delete="DeleteBucket", tags="PutBucketTagging",
        name="BucketName", properties={
            "BucketEncryption": "PutEncryptionConfiguration",
            "CorsConfiguration": "PutBucketCORS",
            "LifecycleConfiguration": "PutLifecycleConfiguration",
            "LoggingConfiguration": "PutBucketLogging",
            "NotificationConfiguration": "PutBucketNotification",
            "OwnershipControls": "PutBucketOwnershipControls",
            "PublicAccessBlockConfiguration": "PutBucketPublicAccessBlock",
            "VersioningConfiguration": "PutBucketVersioning",
            "WebsiteConfiguration": ("PutBucketWebsite", "DeleteBucketWebsite")}),
    "AWS::S3::BucketPolicy": Kind(
        "s3:::{Bucket}", create="PutBucketPolicy", update="PutBucketPolicy", delete="DeleteBucketPolicy"),
    # What is asked of a subscription, SNS asks on its topic.
    "AWS::SNS::Subscription": Kind(
        "{TopicArn}", create="sns:Subscribe@{TopicArn}", update="sns:SetSubscriptionAttributes@{TopicArn}",
        delete="sns:Unsubscribe@{TopicArn}"),
    "AWS::SNS::Topic": Kind(
        "sns:{region}:{account}:{name}", create="CreateTopic", update="SetTopicAttributes", delete="DeleteTopic",
        read="GetTopicAttributes", tags=("TagResource", "UntagResource"), name="TopicName",
        properties={"Subscription": ("Subscribe", "Unsubscribe")}),
    "AWS::SNS::TopicPolicy": Kind("", more=handler_rules.policy_of("Topics", "sns:SetTopicAttributes")),
    "AWS::SQS::Queue": Kind(
        "sqs:{region}:{account}:{name}", create="CreateQueue", update="SetQueueAttributes", delete="DeleteQueue",
        read="GetQueueAttributes", tags=("TagQueue", "UntagQueue"), name="QueueName"),
    "AWS::SQS::QueuePolicy": Kind("", more=handler_rules.policy_of(
        "Queues", "sqs:SetQueueAttributes", lambda url: f"sqs:{{region}}:{{account}}:{url.rsplit('/', 1)[-1]}")),
    "AWS::SSM::Parameter": Kind(
        "ssm:{region}:{account}:parameter/{path}", create="PutParameter", update="PutParameter", delete="DeleteParameter",
        tags=("AddTagsToResource", "RemoveTagsFromResource"), name="Name"),
}
