/** EventInvokeConfig: what becomes of asynchronous invocations, and what the function's role must be allowed for it. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource } from "./errors.ts";
import { getAtt, given, ifParts, passedOn, ref, type Resource, type Resources } from "./resources.ts";

const kinds: Readonly<Record<string, { action: string; suffix: string; makes?: [type: string, suffix: string] }>> = {
  SQS: { action: "sqs:SendMessage", suffix: "SQSPolicy", makes: ["AWS::SQS::Queue", "Queue"] },
  SNS: { action: "sns:publish", suffix: "SNSPolicy", makes: ["AWS::SNS::Topic", "Topic"] },
  EventBridge: { action: "events:PutEvents", suffix: "EventBridgePolicy" },
  Lambda: { action: "lambda:InvokeFunction", suffix: "LambdaPolicy" },
};

/** `alias`: its logical id and its name. `policies` are for the function's role. */
export const eventInvoke = (
  logicalId: string,
  sam: Resource,
  config: ValueMap,
  alias: { id: string; name: string } | undefined,
): { resources: Resources; policies: Value[]; topic?: string } => {
  const id = `${logicalId}EventInvokeConfig`;
  const resources: Resources = {};
  const policies: Value[] = [];
  const destinations: Record<string, Value> = {};
  let topic: string | undefined;
  const fail = (why: string): never => {
    throw new InvalidResource(logicalId, why);
  };
  const wishes = config.DestinationConfig ?? {};
  if (!isMap(wishes)) return fail("Property 'EventInvokeConfig.DestinationConfig' should be a map.");
  for (const event of ["OnSuccess", "OnFailure"]) {
    const wanted = wishes[event];
    if (wanted === undefined) continue;
    if (!isMap(wanted)) return fail(`Property 'EventInvokeConfig.DestinationConfig.${event}' should be a map.`);
    const kind = typeof wanted.Type === "string" && Object.hasOwn(kinds, wanted.Type) ? kinds[wanted.Type] : undefined;
    if (!kind)
      return fail(
        `'Type: ${wanted.Type ?? "None"}' must be one of [${Object.keys(kinds)
          .map((name) => `'${name}'`)
          .join(", ")}]`,
      );
    if (ifParts(wanted.Destination))
      return fail(`EventInvokeConfig.DestinationConfig.${event}.Destination: Fn::If is not implemented by Mayfly here.`);
    let destination = wanted.Destination;
    if (destination === undefined) {
      if (!kind.makes) return fail("Destination is required if Type is not ['SQS', 'SNS']");
      const [type, suffix] = kind.makes;
      const made = `${id}${event}${suffix}`;
      resources[made] = { Type: type, ...passedOn(sam), Properties: {} };
      if (wanted.Type === "SNS") topic = made;
      destination = wanted.Type === "SNS" ? ref(made) : getAtt(made, "Arn");
    }
    destinations[event] = { Destination: destination };
    policies.push({
      PolicyName: `${id}${event}${kind.suffix}`,
      PolicyDocument: { Statement: [{ Action: kind.action, Effect: "Allow", Resource: destination }] },
    });
  }
  resources[id] = {
    Type: "AWS::Lambda::EventInvokeConfig",
    ...(alias && { DependsOn: [alias.id] }),
    ...passedOn(sam),
    Properties: given({
      FunctionName: ref(logicalId),
      Qualifier: alias?.name ?? "$LATEST",
      DestinationConfig: destinations,
      MaximumEventAgeInSeconds: config.MaximumEventAgeInSeconds,
      MaximumRetryAttempts: config.MaximumRetryAttempts,
    }),
  };
  return { resources, policies, topic };
};
