/** SAM's policy templates, as far as they are common: a name with parameters that stands for statements. */
import type { Value, ValueMap } from "../template/value.ts";

type Statement = readonly [actions: string, resources: string | readonly string[]];
interface PolicyTemplate {
  readonly parameters: readonly string[];
  readonly statements: readonly Statement[];
}
const template = (parameters: string, ...statements: Statement[]): PolicyTemplate => ({
  parameters: parameters.split(" ").filter(Boolean),
  statements,
});
/** A resource of this account and region. */
const here = (service: string, resource: string) => `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`;

const bucket = ["arn:${AWS::Partition}:s3:::${bucketName}", "arn:${AWS::Partition}:s3:::${bucketName}/*"];
const table = [here("dynamodb", "table/${tableName}"), here("dynamodb", "table/${tableName}/index/*")];

/** A statement's actions are `service: Action Action …`, or one that stands outside a list; `${bucketName}` stands for the parameter BucketName. */
const templates: Readonly<Record<string, PolicyTemplate>> = {
  AMIDescribePolicy: template("", ["ec2: DescribeImages", "*"]),
  AWSSecretsManagerGetSecretValuePolicy: template("SecretArn", ["secretsmanager: GetSecretValue", "${secretArn}"]),
  CloudFormationDescribeStacksPolicy: template("", ["cloudformation: DescribeStacks", here("cloudformation", "stack/*")]),
  CloudWatchDashboardPolicy: template("", ["cloudwatch: GetDashboard ListDashboards PutDashboard ListMetrics", "*"]),
  CloudWatchDescribeAlarmHistoryPolicy: template("", ["cloudwatch: DescribeAlarmHistory", "*"]),
  CloudWatchPutMetricPolicy: template("", ["cloudwatch: PutMetricData", "*"]),
  CodePipelineLambdaExecutionPolicy: template("", ["codepipeline: PutJobSuccessResult PutJobFailureResult", "*"]),
  DynamoDBCrudPolicy: template("TableName", [
    "dynamodb: GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem",
    table,
  ]),
  DynamoDBReadPolicy: template("TableName", ["dynamodb: GetItem Scan Query BatchGetItem DescribeTable", table]),
  DynamoDBStreamReadPolicy: template(
    "StreamName TableName",
    ["dynamodb: DescribeStream GetRecords GetShardIterator", here("dynamodb", "table/${tableName}/stream/${streamName}")],
    ["dynamodb: ListStreams", here("dynamodb", "table/${tableName}/stream/*")],
  ),
  DynamoDBWritePolicy: template("TableName", ["dynamodb: PutItem UpdateItem BatchWriteItem", table]),
  EC2DescribePolicy: template("", ["ec2: DescribeRegions DescribeInstances", "*"]),
  EventBridgePutEventsPolicy: template("EventBusName", ["events:PutEvents", here("events", "event-bus/${eventBusName}")]),
  FilterLogEventsPolicy: template("LogGroupName", ["logs: FilterLogEvents", here("logs", "log-group:${logGroupName}:log-stream:*")]),
  FirehoseWritePolicy: template("DeliveryStreamName", [
    "firehose: PutRecord PutRecordBatch",
    here("firehose", "deliverystream/${deliveryStreamName}"),
  ]),
  KinesisStreamReadPolicy: template(
    "StreamName",
    ["kinesis: ListStreams DescribeLimits", here("kinesis", "stream/*")],
    ["kinesis: DescribeStream DescribeStreamSummary GetRecords GetShardIterator", here("kinesis", "stream/${streamName}")],
  ),
  KMSDecryptPolicy: template("KeyId", ["kms:Decrypt", here("kms", "key/${keyId}")]),
  KMSEncryptPolicy: template("KeyId", ["kms:Encrypt", here("kms", "key/${keyId}")]),
  LambdaInvokePolicy: template("FunctionName", ["lambda: InvokeFunction", here("lambda", "function:${functionName}*")]),
  OrganizationsListAccountsPolicy: template("", ["organizations: ListAccounts", "*"]),
  S3CrudPolicy: template("BucketName", [
    "s3: GetObject ListBucket GetBucketLocation GetObjectVersion PutObject PutObjectAcl GetLifecycleConfiguration PutLifecycleConfiguration DeleteObject",
    bucket,
  ]),
  S3FullAccessPolicy: template(
    "BucketName",
    [
      "s3: GetObject GetObjectAcl GetObjectVersion PutObject PutObjectAcl DeleteObject DeleteObjectTagging DeleteObjectVersionTagging GetObjectTagging GetObjectVersionTagging PutObjectTagging PutObjectVersionTagging",
      bucket.slice(1),
    ],
    ["s3: ListBucket GetBucketLocation GetLifecycleConfiguration PutLifecycleConfiguration", bucket.slice(0, 1)],
  ),
  S3ReadPolicy: template("BucketName", ["s3: GetObject ListBucket GetBucketLocation GetObjectVersion GetLifecycleConfiguration", bucket]),
  S3WritePolicy: template("BucketName", ["s3: PutObject PutObjectAcl PutLifecycleConfiguration", bucket]),
  SESCrudPolicy: template("IdentityName", [
    "ses: GetIdentityVerificationAttributes SendEmail SendRawEmail VerifyEmailIdentity",
    here("ses", "identity/${identityName}"),
  ]),
  SNSCrudPolicy: template("TopicName", [
    "sns: ListSubscriptionsByTopic CreateTopic SetTopicAttributes Subscribe Publish",
    here("sns", "${topicName}*"),
  ]),
  SNSPublishMessagePolicy: template("TopicName", ["sns: Publish", here("sns", "${topicName}")]),
  SQSPollerPolicy: template("QueueName", [
    "sqs: ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch GetQueueAttributes ReceiveMessage",
    here("sqs", "${queueName}"),
  ]),
  SQSSendMessagePolicy: template("QueueName", ["sqs: SendMessage*", here("sqs", "${queueName}")]),
  SSMParameterReadPolicy: template(
    "ParameterName",
    ["ssm: DescribeParameters", "*"],
    ["ssm: GetParameters GetParameter GetParametersByPath", here("ssm", "parameter/${parameterName}")],
  ),
  SSMParameterWithSlashPrefixReadPolicy: template(
    "ParameterName",
    ["ssm: DescribeParameters", "*"],
    ["ssm: GetParameters GetParameter GetParametersByPath", here("ssm", "parameter${parameterName}")],
  ),
  StepFunctionsExecutionPolicy: template("StateMachineName", [
    "states: StartExecution",
    here("states", "stateMachine:${stateMachineName}"),
  ]),
  VPCAccessPolicy: template("", [
    "ec2: CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DetachNetworkInterface",
    "*",
  ]),
};

export const isPolicyTemplate = (name: string): boolean => Object.hasOwn(templates, name);

/** The policy document a template stands for. `missing`: a parameter without its value. */
export const policyOf = (name: string, values: ValueMap): ValueMap | { missing: string } => {
  const { parameters, statements } = templates[name] as PolicyTemplate;
  const missing = parameters.find((parameter) => values[parameter] === undefined);
  if (missing !== undefined) return { missing };
  const resource = (text: string): Value => {
    if (!text.includes("${")) return text;
    const used = parameters.filter((parameter) => text.includes(`\${${variable(parameter)}}`));
    if (used.length === 0) return { "Fn::Sub": text };
    return { "Fn::Sub": [text, Object.fromEntries(used.map((parameter) => [variable(parameter), values[parameter] as Value]))] };
  };
  return {
    Statement: statements.map(([actions, resources]) => {
      const [service, ...names] = actions.split(" ");
      return {
        Action: names.length === 0 ? actions : names.map((action) => service + action),
        Effect: "Allow",
        Resource: typeof resources === "string" ? resource(resources) : resources.map(resource),
      };
    }),
  };
};

const variable = (parameter: string) => parameter.charAt(0).toLowerCase() + parameter.slice(1);
