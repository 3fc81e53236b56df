//! What each function may do, written down once more: a right that comes into the template by mistake is not in here.

/// Each function with the resources that it works on, and what it may do there.
pub const RIGHTS: [(&str, &[(&str, &str)]); 16] = [
    ("ListBooks", &[("Table", "dynamodb:Query")]),
    ("GetBook", &[("Table", "dynamodb:GetItem dynamodb:Query")]),
    ("CreateBook", &[("Table", "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem")]),
    ("UpdateBook", &[("Table", "dynamodb:GetItem dynamodb:PutItem dynamodb:DeleteItem dynamodb:UpdateItem")]),
    (
        "DeleteBook",
        &[
            ("Table", "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:DeleteItem dynamodb:UpdateItem"),
            ("Covers/covers/1", "s3:DeleteObject"),
        ],
    ),
    ("ChangeStock", &[("Table", "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem")]),
    ("UploadCover", &[("Table", "dynamodb:GetItem dynamodb:PutItem"), ("Uploads/covers/1", "s3:PutObject")]),
    (
        "ResizeCover",
        &[
            ("Table", "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem"),
            ("Uploads/covers/1", "s3:GetObject"),
            ("Covers/covers/1", "s3:PutObject s3:DeleteObject"),
            ("CoversNotResized", "sqs:SendMessage"),
        ],
    ),
    ("WriteReview", &[("Table", "dynamodb:GetItem dynamodb:PutItem dynamodb:DeleteItem dynamodb:UpdateItem")]),
    ("PlaceOrder", &[("Table", "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:PutItem dynamodb:UpdateItem")]),
    ("ViewOrders", &[("Table", "dynamodb:GetItem dynamodb:Query")]),
    ("CancelOrder", &[("Table", "dynamodb:GetItem dynamodb:PutItem dynamodb:DeleteItem dynamodb:UpdateItem")]),
    (
        "ManageOrders",
        &[("Table", "dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:DeleteItem dynamodb:UpdateItem")],
    ),
    (
        "ForwardOrders",
        &[
            (
                "Table's stream",
                "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams",
            ),
            ("OrdersToAnnounce", "sqs:SendMessage"),
            ("OrdersNotForwarded", "sqs:SendMessage"),
        ],
    ),
    (
        "NotifyOrder",
        &[
            ("OrdersToAnnounce", "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes"),
            ("OrderTopic", "sns:Publish"),
        ],
    ),
    ("NotFound", &[]),
];

/// What every function writes: its log, and its traces.
pub const OWN_LOGS: &str = "logs:CreateLogStream logs:PutLogEvents";
pub const TRACES: &str = "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules \
     xray:GetSamplingTargets xray:GetSamplingStatisticSummaries";

/// What a role could be permitted on resources of each service. Batches and transactions are no actions: DynamoDB and
/// the queues ask for what they are made of.
pub const ACTIONS: [(&str, &str); 16] = [
    (
        "dynamodb",
        "BatchGetItem BatchWriteItem ConditionCheckItem CreateBackup CreateGlobalTable CreateTable CreateTableReplica \
         DeleteBackup DeleteItem DeleteResourcePolicy DeleteTable DescribeBackup DescribeContinuousBackups \
         DescribeContributorInsights DescribeEndpoints DescribeExport DescribeImport DescribeLimits DescribeStream \
         DescribeTable DescribeTimeToLive DisableKinesisStreamingDestination EnableKinesisStreamingDestination \
         ExportTableToPointInTime GetItem GetRecords GetResourcePolicy GetShardIterator ImportTable ListBackups \
         ListExports ListStreams ListTables ListTagsOfResource PartiQLDelete PartiQLInsert PartiQLSelect PartiQLUpdate \
         PurchaseReservedCapacityOfferings PutItem PutResourcePolicy Query RestoreTableFromBackup \
         RestoreTableToPointInTime Scan StartAwsBackupJob TagResource UntagResource UpdateContinuousBackups \
         UpdateContributorInsights UpdateItem UpdateTable UpdateTimeToLive",
    ),
    (
        "s3",
        "AbortMultipartUpload BypassGovernanceRetention CreateAccessPoint CreateBucket DeleteBucket DeleteBucketPolicy \
         DeleteBucketWebsite DeleteObject DeleteObjectTagging DeleteObjectVersion DeleteObjectVersionTagging \
         GetBucketAcl GetBucketCORS GetBucketLocation GetBucketLogging GetBucketNotification GetBucketPolicy \
         GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning GetEncryptionConfiguration \
         GetLifecycleConfiguration GetObject GetObjectAcl GetObjectAttributes GetObjectTagging GetObjectVersion \
         GetObjectVersionAcl ListAllMyBuckets ListBucket ListBucketMultipartUploads ListBucketVersions \
         ListMultipartUploadParts ObjectOwnerOverrideToBucketOwner PutAccountPublicAccessBlock PutBucketAcl \
         PutBucketCORS PutBucketLogging PutBucketNotification PutBucketOwnershipControls PutBucketPolicy \
         PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration \
         PutLifecycleConfiguration PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention PutObjectTagging \
         PutReplicationConfiguration ReplicateDelete ReplicateObject RestoreObject",
    ),
    (
        "sqs",
        "AddPermission CancelMessageMoveTask ChangeMessageVisibility CreateQueue DeleteMessage DeleteQueue \
         GetQueueAttributes GetQueueUrl ListDeadLetterSourceQueues ListMessageMoveTasks ListQueueTags ListQueues \
         PurgeQueue ReceiveMessage RemovePermission SendMessage SetQueueAttributes StartMessageMoveTask TagQueue \
         UntagQueue",
    ),
    (
        "sns",
        "AddPermission ConfirmSubscription CreatePlatformApplication CreateTopic DeleteTopic GetSubscriptionAttributes \
         GetTopicAttributes ListSubscriptions ListSubscriptionsByTopic ListTopics Publish PutDataProtectionPolicy \
         RemovePermission SetSubscriptionAttributes SetTopicAttributes Subscribe TagResource Unsubscribe UntagResource",
    ),
    (
        "cognito-idp",
        "AdminAddUserToGroup AdminConfirmSignUp AdminCreateUser AdminDeleteUser AdminDisableUser AdminEnableUser \
         AdminGetUser AdminInitiateAuth AdminListGroupsForUser AdminRemoveUserFromGroup AdminResetUserPassword \
         AdminRespondToAuthChallenge AdminSetUserPassword AdminUpdateUserAttributes AdminUserGlobalSignOut CreateGroup \
         CreateIdentityProvider CreateUserPool CreateUserPoolClient DeleteGroup DeleteUserPool DeleteUserPoolClient \
         DescribeUserPool DescribeUserPoolClient GetGroup ListGroups ListUserPoolClients ListUserPools ListUsers \
         ListUsersInGroup SetUserPoolMfaConfig UpdateGroup UpdateUserPool UpdateUserPoolClient",
    ),
    (
        "lambda",
        "AddPermission CreateEventSourceMapping CreateFunction CreateFunctionUrlConfig DeleteEventSourceMapping \
         DeleteFunction GetFunction GetFunctionConfiguration GetPolicy InvokeAsync InvokeFunction InvokeFunctionUrl \
         ListEventSourceMappings ListFunctions PublishVersion PutFunctionConcurrency PutFunctionEventInvokeConfig \
         RemovePermission TagResource UpdateEventSourceMapping UpdateFunctionCode UpdateFunctionConfiguration",
    ),
    (
        "logs",
        "CreateExportTask CreateLogGroup CreateLogStream DeleteLogGroup DeleteLogStream DeleteRetentionPolicy \
         DescribeLogGroups DescribeLogStreams FilterLogEvents GetLogEvents PutLogEvents PutMetricFilter \
         PutResourcePolicy PutRetentionPolicy PutSubscriptionFilter StartQuery TagResource",
    ),
    (
        "iam",
        "AttachRolePolicy CreateAccessKey CreatePolicy CreateRole CreateUser DeleteRole DeleteRolePolicy GetRole \
         GetRolePolicy ListRoles PassRole PutRolePolicy UpdateAssumeRolePolicy",
    ),
    ("sts", "AssumeRole"),
    (
        "xray",
        "BatchGetTraces GetSamplingRules GetSamplingStatisticSummaries GetSamplingTargets GetServiceGraph \
         GetTraceSummaries PutEncryptionConfig PutTelemetryRecords PutTraceSegments UpdateSamplingRule",
    ),
    ("cloudwatch", "DeleteAlarms DisableAlarmActions GetMetricData PutMetricAlarm PutMetricData SetAlarmState"),
    ("events", "DeleteRule DisableRule PutEvents PutRule PutTargets RemoveTargets"),
    ("cloudformation", "CreateChangeSet CreateStack DeleteStack DescribeStacks ExecuteChangeSet UpdateStack"),
    ("apigateway", "DELETE GET PATCH POST PUT"),
    ("ssm", "GetParameter GetParameters GetParametersByPath PutParameter SendCommand"),
    ("kms", "CreateGrant Decrypt Encrypt GenerateDataKey ScheduleKeyDeletion"),
];
