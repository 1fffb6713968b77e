/** The policies that AWS manages, by ARN: the ones people attach around the services of this server, with the permissions AWS gives them. */
import { createHash } from "node:crypto";

export interface AwsPolicy {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly document: string;
}

type Statement = { Effect: "Allow" | "Deny"; Action?: string[]; NotAction?: string[]; Resource: string | string[]; Condition?: object };
// The actions are one text of words, for the table to stay readable.
const allow = (actions: string, Resource: string | string[] = "*", Condition?: object): Statement => ({
  Effect: "Allow",
  Action: actions.split(" "),
  Resource,
  ...(Condition && { Condition }),
});
const allowExcept = (actions: string): Statement => ({ Effect: "Allow", NotAction: actions.split(" "), Resource: "*" });

const logWriting = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents";
const networkInterfaces =
  "ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses";
const codeCommitReading =
  "codecommit:BatchGet* codecommit:BatchDescribe* codecommit:Describe* codecommit:EvaluatePullRequestApprovalRules codecommit:Get* codecommit:List* codecommit:GitPull";
const codeBuildReading =
  "codebuild:BatchGet* codebuild:GetResourcePolicy codebuild:List* codebuild:DescribeTestCases codebuild:DescribeCodeCoverages codecommit:GetBranch codecommit:GetCommit codecommit:GetRepository cloudwatch:GetMetricStatistics events:DescribeRule events:ListTargetsByRule events:ListRuleNamesByTarget logs:GetLogEvents";
const ecrReading =
  "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:GetRepositoryPolicy ecr:DescribeRepositories ecr:ListImages ecr:DescribeImages ecr:BatchGetImage";
const readEverywhere = [
  "apigateway athena autoscaling cloudformation cloudfront cloudtrail cloudwatch codeartifact codebuild codecommit codedeploy codepipeline",
  "dynamodb ec2 ecr ecs eks elasticloadbalancing events glue iam kinesis kms lambda logs organizations rds route53 s3 scheduler secretsmanager",
  "sns sqs ssm states sts tag xray",
]
  .join(" ")
  .split(" ");

/** Path and name → statements. */
const table: Record<string, Statement[]> = {
  AdministratorAccess: [{ Effect: "Allow", Action: ["*"], Resource: "*" }],
  PowerUserAccess: [
    allowExcept("iam:* organizations:* account:*"),
    allow("iam:CreateServiceLinkedRole iam:DeleteServiceLinkedRole iam:ListRoles organizations:DescribeOrganization account:ListRegions"),
  ],
  ReadOnlyAccess: [
    allow(
      readEverywhere
        .filter((service) => service !== "secretsmanager")
        .flatMap((service) => ["Describe*", "Get*", "List*"].map((verb) => `${service}:${verb}`))
        .concat(
          "codecommit:BatchGet*",
          "codebuild:BatchGet*",
          "codecommit:GitPull",
          "logs:FilterLogEvents",
          "dynamodb:BatchGetItem",
          "dynamodb:Query",
          "dynamodb:Scan",
          "secretsmanager:Describe*",
          "secretsmanager:List*",
          "secretsmanager:GetResourcePolicy",
        )
        .join(" "),
    ),
  ],
  "job-function/ViewOnlyAccess": [allow(readEverywhere.flatMap((service) => [`${service}:List*`, `${service}:Describe*`]).join(" "))],
  SecurityAudit: [
    allow(
      `${readEverywhere.flatMap((service) => [`${service}:List*`, `${service}:Describe*`]).join(" ")} iam:Get* lambda:GetPolicy s3:GetBucket*`,
    ),
  ],

  IAMFullAccess: [allow("iam:* organizations:DescribeAccount organizations:DescribeOrganization")],
  IAMReadOnlyAccess: [
    allow(
      "iam:GenerateCredentialReport iam:GenerateServiceLastAccessedDetails iam:Get* iam:List* iam:SimulateCustomPolicy iam:SimulatePrincipalPolicy",
    ),
  ],
  IAMUserChangePassword: [allow("iam:ChangePassword", "arn:aws:iam::*:user/${aws:username}"), allow("iam:GetAccountPasswordPolicy")],
  IAMSelfManageServiceSpecificCredentials: [
    allow(
      "iam:CreateServiceSpecificCredential iam:ListServiceSpecificCredentials iam:UpdateServiceSpecificCredential iam:DeleteServiceSpecificCredential iam:ResetServiceSpecificCredential",
      "arn:aws:iam::*:user/${aws:username}",
    ),
  ],

  AWSCodeCommitFullAccess: [allow("codecommit:* events:* sns:ListTopics sns:ListSubscriptionsByTopic lambda:ListFunctions iam:ListUsers")],
  AWSCodeCommitPowerUser: [
    allow(
      `${codeCommitReading} codecommit:AssociateApprovalRuleTemplateWithRepository codecommit:Create* codecommit:DeleteBranch codecommit:DeleteFile codecommit:Merge* codecommit:Override* codecommit:Post* codecommit:Put* codecommit:TagResource codecommit:Test* codecommit:UntagResource codecommit:Update* codecommit:GitPush`,
    ),
  ],
  AWSCodeCommitReadOnly: [allow(codeCommitReading)],
  AWSCodeBuildAdminAccess: [
    allow(
      `codebuild:* ${codeBuildReading} events:DeleteRule events:PutRule events:PutTargets events:RemoveTargets s3:GetBucketLocation s3:ListAllMyBuckets`,
    ),
  ],
  AWSCodeBuildDeveloperAccess: [
    allow(
      `${codeBuildReading} codebuild:StartBuild codebuild:StopBuild codebuild:StartBuildBatch codebuild:StopBuildBatch codebuild:RetryBuild codebuild:RetryBuildBatch`,
    ),
  ],
  AWSCodeBuildReadOnlyAccess: [allow(codeBuildReading)],
  AWSCodePipeline_FullAccess: [
    allow(
      "codepipeline:* cloudformation:DescribeStacks cloudformation:ListStacks cloudformation:ListChangeSets codebuild:ListProjects codecommit:ListBranches codecommit:ListRepositories events:* iam:ListRoles iam:PassRole lambda:ListFunctions s3:ListAllMyBuckets s3:GetBucketPolicy s3:GetBucketVersioning s3:GetObjectVersion s3:CreateBucket s3:PutBucketPolicy sns:ListTopics",
    ),
  ],
  AWSCodePipeline_ReadOnlyAccess: [
    allow(
      "codepipeline:GetPipeline codepipeline:GetPipelineState codepipeline:GetPipelineExecution codepipeline:ListPipelineExecutions codepipeline:ListActionExecutions codepipeline:ListActionTypes codepipeline:ListPipelines codepipeline:ListTagsForResource s3:ListAllMyBuckets codecommit:ListRepositories",
    ),
  ],
  AWSCodePipelineApproverAccess: [
    allow(
      "codepipeline:GetPipeline codepipeline:GetPipelineState codepipeline:GetPipelineExecution codepipeline:ListPipelineExecutions codepipeline:ListPipelines codepipeline:PutApprovalResult",
    ),
  ],
  AWSCodePipelineCustomActionAccess: [
    allow(
      "codepipeline:AcknowledgeJob codepipeline:GetJobDetails codepipeline:PollForJobs codepipeline:PutJobFailureResult codepipeline:PutJobSuccessResult",
    ),
  ],
  AWSCloudFormationFullAccess: [allow("cloudformation:*")],
  AWSCloudFormationReadOnlyAccess: [
    allow(
      "cloudformation:Describe* cloudformation:EstimateTemplateCost cloudformation:Get* cloudformation:List* cloudformation:ValidateTemplate cloudformation:Detect*",
    ),
  ],
  "service-role/AWSCodeDeployRole": [
    allow(
      "autoscaling:* ec2:DescribeInstances ec2:DescribeInstanceStatus ec2:TerminateInstances tag:GetResources sns:Publish cloudwatch:DescribeAlarms cloudwatch:PutMetricAlarm elasticloadbalancing:*",
    ),
  ],
  "service-role/AWSCodeDeployRoleForLambda": [
    allow("cloudwatch:DescribeAlarms lambda:UpdateAlias lambda:GetAlias lambda:GetProvisionedConcurrencyConfig sns:Publish"),
    allow("s3:GetObject s3:GetObjectVersion", "arn:aws:s3:::*/CodeDeploy/*"),
    allow("lambda:InvokeFunction", "arn:aws:lambda:*:*:function:CodeDeployHook_*"),
  ],

  AmazonS3FullAccess: [allow("s3:* s3-object-lambda:*")],
  AmazonS3ReadOnlyAccess: [allow("s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*")],
  AWSLambda_FullAccess: [
    allow(
      "cloudformation:DescribeStacks cloudformation:ListStackResources cloudwatch:ListMetrics cloudwatch:GetMetricData iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies iam:ListRoles lambda:* logs:DescribeLogGroups tag:GetResources",
    ),
    allow("iam:PassRole", "*", { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } }),
    allow(
      "logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail",
      "arn:aws:logs:*:*:log-group:/aws/lambda/*",
    ),
  ],
  AWSLambda_ReadOnlyAccess: [
    allow(
      "lambda:Get* lambda:List* logs:DescribeLogGroups logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents iam:ListRoles cloudwatch:GetMetricData cloudwatch:ListMetrics",
    ),
  ],
  AWSLambdaExecute: [allow("logs:*", "arn:aws:logs:*:*:*"), allow("s3:GetObject s3:PutObject", "arn:aws:s3:::*")],
  AWSLambdaInvocation_DynamoDB: [
    allow("lambda:InvokeFunction"),
    allow("dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams"),
  ],
  "service-role/AWSLambdaBasicExecutionRole": [allow(logWriting)],
  "service-role/AWSLambdaVPCAccessExecutionRole": [allow(`${logWriting} ${networkInterfaces}`)],
  "service-role/AWSLambdaENIManagementAccess": [allow(networkInterfaces)],
  "service-role/AWSLambdaRole": [allow("lambda:InvokeFunction")],
  "service-role/AWSLambdaDynamoDBExecutionRole": [
    allow(`dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams ${logWriting}`),
  ],
  "service-role/AWSLambdaKinesisExecutionRole": [
    allow(
      `kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard ${logWriting}`,
    ),
  ],
  "service-role/AWSLambdaSQSQueueExecutionRole": [allow(`sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes ${logWriting}`)],
  AWSXrayWriteOnlyAccess: [
    allow(
      "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries",
    ),
  ],
  AWSXRayDaemonWriteAccess: [
    allow(
      "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets xray:GetSamplingStatisticSummaries",
    ),
  ],

  CloudWatchLogsFullAccess: [allow("logs:* cloudwatch:GenerateQuery")],
  CloudWatchLogsReadOnlyAccess: [
    allow(
      "logs:Describe* logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:TestMetricFilter logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail",
    ),
  ],
  CloudWatchFullAccess: [allow("autoscaling:Describe* cloudwatch:* logs:* sns:* iam:GetPolicy iam:GetPolicyVersion iam:GetRole")],
  CloudWatchReadOnlyAccess: [
    allow(
      "autoscaling:Describe* cloudwatch:Describe* cloudwatch:Get* cloudwatch:List* logs:Get* logs:List* logs:Describe* logs:TestMetricFilter logs:FilterLogEvents sns:Get* sns:List*",
    ),
  ],
  AmazonEventBridgeFullAccess: [
    allow("events:* schemas:* scheduler:* pipes:*"),
    allow("iam:PassRole", "arn:aws:iam::*:role/*", { StringLike: { "iam:PassedToService": "events.amazonaws.com" } }),
  ],
  AmazonEventBridgeReadOnlyAccess: [
    allow(
      "events:Describe* events:List* events:TestEventPattern schemas:Describe* schemas:List* schemas:Get* scheduler:Get* scheduler:List*",
    ),
  ],
  CloudWatchEventsFullAccess: [allow("events:* schemas:* scheduler:* pipes:*")],
  CloudWatchEventsReadOnlyAccess: [allow("events:Describe* events:List* events:TestEventPattern")],
  AmazonSNSFullAccess: [allow("sns:*")],
  AmazonSNSReadOnlyAccess: [
    allow(
      "sns:GetTopicAttributes sns:List* sns:CheckIfPhoneNumberIsOptedOut sns:GetEndpointAttributes sns:GetDataProtectionPolicy sns:GetPlatformApplicationAttributes sns:GetSMSAttributes sns:GetSubscriptionAttributes",
    ),
  ],
  "service-role/AmazonSNSRole": [allow(`${logWriting} logs:PutMetricFilter logs:PutRetentionPolicy`)],
  AmazonSQSFullAccess: [allow("sqs:*")],
  AmazonSQSReadOnlyAccess: [
    allow(
      "sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListDeadLetterSourceQueues sqs:ListQueues sqs:ListMessageMoveTasks sqs:ListQueueTags",
    ),
  ],
  AmazonSSMFullAccess: [
    allow("cloudwatch:PutMetricData ds:CreateComputer ds:DescribeDirectories ec2:DescribeInstanceStatus logs:* ssm:* ec2messages:*"),
  ],
  AmazonSSMReadOnlyAccess: [allow("ssm:Describe* ssm:Get* ssm:List*")],
  AmazonSSMManagedInstanceCore: [
    allow(
      "ssm:DescribeAssociation ssm:GetDeployablePatchSnapshotForInstance ssm:GetDocument ssm:DescribeDocument ssm:GetManifest ssm:GetParameter ssm:GetParameters ssm:ListAssociations ssm:ListInstanceAssociations ssm:PutInventory ssm:UpdateInstanceInformation ssmmessages:* ec2messages:*",
    ),
  ],
  SecretsManagerReadWrite: [
    allow(
      "secretsmanager:* cloudformation:CreateChangeSet cloudformation:DescribeChangeSet cloudformation:DescribeStackResource cloudformation:DescribeStacks cloudformation:ExecuteChangeSet kms:DescribeKey kms:ListAliases kms:ListKeys lambda:ListFunctions tag:GetResources",
    ),
  ],

  AmazonAPIGatewayAdministrator: [allow("apigateway:*", "arn:aws:apigateway:*::/*")],
  AmazonAPIGatewayInvokeFullAccess: [allow("execute-api:Invoke execute-api:ManageConnections", "arn:aws:execute-api:*:*:*")],
  "service-role/AmazonAPIGatewayPushToCloudWatchLogs": [
    allow(`${logWriting} logs:DescribeLogGroups logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents`),
  ],
  AmazonDynamoDBFullAccess: [allow("dynamodb:* dax:*")],
  AmazonDynamoDBReadOnlyAccess: [
    allow(
      "dynamodb:BatchGetItem dynamodb:Describe* dynamodb:List* dynamodb:Get* dynamodb:Query dynamodb:Scan dynamodb:PartiQLSelect dax:BatchGetItem dax:Describe* dax:GetItem dax:ListTags dax:Query dax:Scan",
    ),
  ],
  AWSStepFunctionsFullAccess: [allow("states:*")],
  AmazonEC2FullAccess: [allow("ec2:* elasticloadbalancing:* cloudwatch:* autoscaling:*")],
  AmazonEC2ReadOnlyAccess: [
    allow(
      "ec2:Describe* ec2:Get* elasticloadbalancing:Describe* cloudwatch:ListMetrics cloudwatch:GetMetricStatistics cloudwatch:Describe* autoscaling:Describe*",
    ),
  ],
  AmazonEC2ContainerRegistryFullAccess: [allow("ecr:* cloudtrail:LookupEvents")],
  AmazonEC2ContainerRegistryPowerUser: [
    allow(
      `${ecrReading} ecr:GetLifecyclePolicy ecr:GetLifecyclePolicyPreview ecr:ListTagsForResource ecr:DescribeImageScanFindings ecr:InitiateLayerUpload ecr:UploadLayerPart ecr:CompleteLayerUpload ecr:PutImage`,
    ),
  ],
  AmazonEC2ContainerRegistryReadOnly: [
    allow(`${ecrReading} ecr:GetLifecyclePolicy ecr:GetLifecyclePolicyPreview ecr:ListTagsForResource ecr:DescribeImageScanFindings`),
  ],
  AmazonVPCFullAccess: [
    allow(
      "ec2:*Vpc* ec2:*Subnet* ec2:*Route* ec2:*SecurityGroup* ec2:*NetworkInterface* ec2:*InternetGateway* ec2:*NatGateway* ec2:Describe*",
    ),
  ],
};

/** The day AWS's own list began; the documents here carry it as their date. */
export const awsPoliciesSince = "2015-02-06T18:39:46.000Z";

export const awsPolicies: ReadonlyMap<string, AwsPolicy> = new Map(
  Object.entries(table).map(([pathAndName, Statement]) => {
    const arn = `arn:aws:iam::aws:policy/${pathAndName}`;
    const cut = pathAndName.lastIndexOf("/") + 1;
    const id = `ANPA${createHash("sha256").update(arn).digest("hex").slice(0, 17).toUpperCase()}`;
    return [
      arn,
      {
        arn,
        name: pathAndName.slice(cut),
        path: `/${pathAndName.slice(0, cut)}`,
        id,
        document: JSON.stringify({ Version: "2012-10-17", Statement }),
      },
    ];
  }),
);
