/** What Lambda remembers. Keys begin with account and region, except where noted. */
import { collection } from "../../store/store.ts";

/** The bytes of a deployment package. */
export interface Code {
  readonly blob: string;
  readonly size: number;
  /** Base64, as AWS shows it. */
  readonly sha256: string;
}

/** A layer as a function uses it: it keeps the layer's code even when the layer version is deleted. */
export interface LayerUse {
  readonly arn: string;
  readonly code: Code;
}

export interface Configuration {
  readonly role: string;
  readonly runtime: string;
  readonly handler: string;
  readonly description: string;
  readonly timeout: number;
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly layers: readonly LayerUse[];
  readonly architecture: string;
  readonly ephemeralStorage: number;
  readonly logGroup: string;
  /** Where an event goes that failed for good. */
  readonly deadLetter?: string;
}

/** `$LATEST` or a published version: what an invocation runs. */
export interface Version {
  readonly name: string;
  /** `$LATEST`, `1`, `2`, … */
  readonly version: string;
  readonly configuration: Configuration;
  readonly code: Code;
  readonly lastModified: string;
  readonly revisionId: string;
  /** Differs between any two deployments that could behave differently; instances serve one of it. */
  readonly fingerprint: string;
}

export interface StoredFunction extends Version {
  /** Differs for a function of the same name that was deleted and made again. */
  readonly incarnation: string;
  /** The number of the newest published version; 0 before the first. */
  readonly published: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
}
/** [account, region, name] */
export const functions = collection<StoredFunction>("lambda.functions");
/** Published ones. [account, region, name, versionKey] */
export const versions = collection<Version>("lambda.versions");

export interface Alias {
  readonly function: string;
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** Version → the share of invocations it gets instead. */
  readonly weights: Readonly<Record<string, number>>;
  readonly revisionId: string;
}
/** [account, region, function, alias] */
export const aliases = collection<Alias>("lambda.aliases");

/** A resource policy. */
export interface Policy {
  readonly statements: readonly Statement[];
  readonly revisionId: string;
}
/** As it stands in the policy document. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: "*" | { readonly Service: string } | { readonly AWS: string };
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
/** [account, region, function, qualifier]; the qualifier of the function itself is empty. */
export const policies = collection<Policy>("lambda.policies");

export interface Cors {
  readonly AllowCredentials?: boolean;
  readonly AllowHeaders?: string[];
  readonly AllowMethods?: string[];
  readonly AllowOrigins?: string[];
  readonly ExposeHeaders?: string[];
  readonly MaxAge?: number;
}
export interface FunctionUrl {
  readonly id: string;
  readonly function: string;
  /** Empty for the function itself (`$LATEST`). */
  readonly alias: string;
  readonly auth: "NONE" | "AWS_IAM";
  readonly cors?: Cors;
  readonly createdAt: string;
  readonly lastModified: string;
}
/** [account, region, function, alias] */
export const urls = collection<FunctionUrl>("lambda.urls");
/** Which function a URL leads to. [url id] */
export const urlIds = collection<{ account: string; region: string; function: string; alias: string }>("lambda.urlIds");

/** How events are delivered. */
export interface Delivery {
  readonly retries?: number;
  readonly maximumAgeSeconds?: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
  readonly lastModified: string;
}
/** [account, region, function, qualifier]; the qualifier of the function itself is `$LATEST`. */
export const deliveries = collection<Delivery>("lambda.deliveries");

export interface LayerVersion {
  readonly layer: string;
  readonly version: number;
  readonly description: string;
  readonly license?: string;
  readonly runtimes: readonly string[];
  readonly architectures: readonly string[];
  readonly createdAt: string;
  readonly code: Code;
}
/** [account, region, layer, versionKey] */
export const layerVersions = collection<LayerVersion>("lambda.layerVersions");
/** Numbers of layers are never given twice. [account, region, layer] */
export const layers = collection<{ lastVersion: number }>("lambda.layers");

/** What signs our download links, shared by all servers of a store. [account, region, "links"] */
export const secrets = collection<{ secret: string }>("lambda.secrets");

/** An event on its way: the payload of the task `lambda.deliver`. */
export interface Sent {
  readonly account: string;
  readonly region: string;
  readonly function: string;
  readonly qualifier?: string;
  readonly incarnation: string;
  readonly requestId: string;
  /** Base64. */
  readonly payload: string;
  readonly clientContext?: string;
  /** ISO. */
  readonly acceptedAt: string;
  /** Tries that ended in a function's error so far. */
  readonly failures: number;
  /** Tries that found no instance free so far. */
  readonly throttles: number;
}
