/** FunctionUrlConfig: the address, and who may call it. */
import { isMap, type Value, type ValueMap } from "../template/value.ts";
import { InvalidResource } from "./errors.ts";
import { given, isIntrinsic, passedOn, ref, type Resource, type Resources } from "./resources.ts";

const corsTypes: Readonly<Record<string, "list" | "bool" | "int">> = {
  AllowOrigins: "list",
  AllowMethods: "list",
  AllowCredentials: "bool",
  AllowHeaders: "list",
  ExposeHeaders: "list",
  MaxAge: "int",
};
const isOf = (value: Value, type: "list" | "bool" | "int") =>
  type === "list" ? Array.isArray(value) : type === "bool" ? typeof value === "boolean" : Number.isInteger(value);

/** `target`: the logical id of the function, or of its alias. */
export const functionUrl = (logicalId: string, sam: Resource, config: ValueMap, target: string): Resources => {
  const { AuthType: auth, Cors: cors } = config;
  if (!isIntrinsic(auth) && auth !== "AWS_IAM" && auth !== "NONE")
    throw new InvalidResource(
      logicalId,
      "AuthType is required to configure function property `FunctionUrlConfig`. Please provide either AWS_IAM or NONE.",
    );
  if (cors !== undefined && !isIntrinsic(cors)) checkCors(logicalId, cors);
  const attributes = passedOn(sam);
  const permission = (properties: ValueMap): Resource => ({
    Type: "AWS::Lambda::Permission",
    ...attributes,
    Properties: { ...properties, FunctionName: ref(target), Principal: "*" },
  });
  return {
    [`${logicalId}Url`]: {
      Type: "AWS::Lambda::Url",
      ...attributes,
      Properties: given({ Cors: cors, AuthType: auth, TargetFunctionArn: ref(target), InvokeMode: config.InvokeMode }),
    },
    ...(auth === "NONE" && {
      [`${logicalId}UrlPublicPermissions`]: permission({ Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: auth }),
      [`${logicalId}URLInvokeAllowPublicAccess`]: permission({ Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true }),
    }),
  };
};

const checkCors = (logicalId: string, cors: Value) => {
  if (!isMap(cors)) throw new InvalidResource(logicalId, "Property 'FunctionUrlConfig.Cors' should be a map.");
  for (const [name, value] of Object.entries(cors)) {
    const type = Object.hasOwn(corsTypes, name) ? corsTypes[name] : undefined;
    if (!type) throw new InvalidResource(logicalId, `${name} is not a valid property for configuring Cors.`);
    if (!isIntrinsic(value) && !isOf(value, type)) throw new InvalidResource(logicalId, `${name} must be of type ${type}.`);
  }
};
