// cfn-response: what a function whose source stands in a template answers a custom resource's request with.
"use strict";

exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";

// Signature documented by AWS.
exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
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
  const headers = { "content-type": "", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const done = () => { context.done(); resolve(); };
    const request = require(url.protocol === "http:" ? "http" : "https").request(
      url, { method: "PUT", headers }, (reply) => { console.log("Status code: " + reply.statusCode); reply.resume(); done(); });
    request.on("error", (error) => { console.log("send(..) failed: " + error); done(); });
    request.end(body);
  });
};
