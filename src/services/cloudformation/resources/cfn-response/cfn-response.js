// The module that AWS adds to inline functions: tells CloudFormation how a custom resource ended.
const { URL } = require("node:url");

exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";

exports.send = (event, context, responseStatus, responseData, physicalResourceId, noEcho) =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({
      Status: responseStatus,
      Reason: `See the details in CloudWatch Log Stream: ${context.logStreamName}`,
      PhysicalResourceId: physicalResourceId || context.logStreamName,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      NoEcho: noEcho || false,
      Data: responseData,
    });
    const url = new URL(event.ResponseURL);
    const { request } = require(url.protocol === "http:" ? "node:http" : "node:https");
    const sent = request(url, { method: "PUT", headers: { "content-type": "", "content-length": Buffer.byteLength(body) } }, (response) => {
      response.resume();
      response.on("end", () => resolve(context.done()));
    });
    sent.on("error", (error) => {
      console.log(`send failed: ${error}`);
      reject(context.done(error));
    });
    sent.end(body);
  });
