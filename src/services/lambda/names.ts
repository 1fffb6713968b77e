/** How functions, versions, aliases and layers are named: pure. */

/** What a client may call a function: `f`, `f:live`, `123456789012:function:f`, or its ARN, with or without a qualifier. */
export interface Named {
  readonly name: string;
  readonly qualifier?: string;
  readonly account?: string;
  readonly region?: string;
}

const partition = "(?:arn:aws[a-zA-Z-]*:lambda:)?";
const pattern = new RegExp(
  `^${partition}(?:([a-z]{2}(?:-[a-z]+)+-\\d):)?(?:(\\d{12}):)?(?:function:)?([a-zA-Z0-9_-]{1,64})(?::(\\$LATEST|[a-zA-Z0-9_-]+))?$`,
);

/** Undefined: no name of a function at all. */
export const readFunctionName = (text: string): Named | undefined => {
  const [matched, region, account, name, qualifier] = pattern.exec(text) ?? [];
  return matched === undefined ? undefined : { name: name as string, qualifier, account, region };
};

interface Place {
  readonly account: string;
  readonly region: string;
}
export const functionArn = ({ account, region }: Place, name: string, qualifier?: string): string =>
  `arn:aws:lambda:${region}:${account}:function:${name}${qualifier === undefined ? "" : `:${qualifier}`}`;

export const layerArn = ({ account, region }: Place, layer: string, version?: number): string =>
  `arn:aws:lambda:${region}:${account}:layer:${layer}${version === undefined ? "" : `:${version}`}`;

export interface LayerName extends Place {
  readonly layer: string;
  readonly version?: number;
}
/** A layer's or layer version's ARN. */
export const readLayerArn = (arn: string): LayerName | undefined => {
  const [matched, region, account, layer, version] =
    /^arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\d{12}):layer:([a-zA-Z0-9_-]+)(?::(\d+))?$/.exec(arn) ?? [];
  if (matched === undefined) return undefined;
  return {
    region: region as string,
    account: account as string,
    layer: layer as string,
    version: version === undefined ? undefined : Number(version),
  };
};

/** Versions as parts of keys, so that the store's order is the numbers' order. */
export const versionKey = (version: string | number): string => String(version).padStart(10, "0");
export const isVersion = (qualifier: string): boolean => /^\d+$/.test(qualifier);

/** The last part of `arn:aws:iam::123456789012:role/path/name`. */
export const roleName = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
export const accountOf = (arn: string): string | undefined => arn.split(":")[4];
