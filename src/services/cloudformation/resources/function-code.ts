/** A function's code as Lambda takes it: from S3, or an archive made of the text in the template. */
import { ZipFile } from "yazl";
import { ResourceFailure } from "./resource.ts";

export interface Code {
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly S3ObjectVersion?: string;
  readonly ZipFile?: string;
}

const javascript = `"use strict";
exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";
exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  return new Promise(function (resolve) {
    const body = JSON.stringify({
      Status: responseStatus,
      Reason: "See the details in CloudWatch Log Stream: " + context.logStreamName,
      PhysicalResourceId: physicalResourceId || context.logStreamName,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      NoEcho: noEcho || false,
      Data: responseData,
    });
    const url = new URL(event.ResponseURL);
    const request = require(url.protocol === "http:" ? "http" : "https").request(
      url,
      { method: "PUT", headers: { "content-type": "", "content-length": Buffer.byteLength(body) } },
      function (response) {
        console.log("Status code: " + response.statusCode);
        response.resume();
        response.on("end", function () {
          resolve(context.done && context.done());
        });
      },
    );
    request.on("error", function (error) {
      console.log("send(..) failed executing the request: " + error);
      resolve(context.done && context.done(error));
    });
    request.end(body);
  });
};
`;
const python = `import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):
    body = json.dumps({
        "Status": responseStatus,
        "Reason": reason or "See the details in CloudWatch Log Stream: {}".format(context.log_stream_name),
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }).encode("utf-8")
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"content-type": "", "content-length": str(len(body))})
    try:
        with urllib.request.urlopen(request) as response:
            print("Status code:", response.status)
    except Exception as error:
        print("send(..) failed executing the request:", error)
`;

/** The same text is the same archive, byte for byte. */
const archive = async (files: Readonly<Record<string, string>>): Promise<Uint8Array> => {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files))
    zip.addBuffer(Buffer.from(text), name, { mtime: new Date(2020, 0, 1), mode: 0o100644, forceDosTimestamp: true });
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

export const functionCode = async (code: Code, runtime: string | undefined): Promise<Record<string, unknown>> => {
  if (code.ZipFile === undefined) return { S3Bucket: code.S3Bucket, S3Key: code.S3Key, S3ObjectVersion: code.S3ObjectVersion };
  if (runtime?.startsWith("nodejs"))
    return {
      ZipFile: await archive({ "index.js": code.ZipFile, "cfn-response.js": javascript, "node_modules/cfn-response/index.js": javascript }),
    };
  if (runtime?.startsWith("python")) return { ZipFile: await archive({ "index.py": code.ZipFile, "cfnresponse.py": python }) };
  throw new ResourceFailure(`ZipFile can only be used when Runtime is set to either of nodejs or python, not ${runtime ?? "none"}`);
};
