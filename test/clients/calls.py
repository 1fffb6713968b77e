"""Calls one operation of each protocol and prints what came back, as JSON."""
import io
import json
import socket
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# Not every machine's resolver knows that names under localhost are loopback (RFC 6761).
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve("127.0.0.1" if str(host).endswith("localhost") else host, *rest, **more)

endpoint = sys.argv[1]
more = {"endpoint_url": endpoint, "region_name": "eu-central-1"}


def client(name, **config):
    return boto3.client(name, config=Config(retries={"max_attempts": 0}, **config), **more)


def code(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


found = {}
pipelines = client("codepipeline")
found["json"] = pipelines.get_pipeline(name="p", version=3)["pipeline"]
found["jsonError"] = code(pipelines.get_pipeline, name="none")
found["notImplemented"] = code(pipelines.list_pipelines)
stacks = client("cloudformation")
found["query"] = stacks.describe_stacks(StackName="s")["Stacks"][0]["Outputs"]
functions = client("lambda")
found["restJson"] = functions.invoke(FunctionName="f", Payload=b'{"a":1}')["Payload"].read().decode()
for style in ("path", "virtual"):
    bucket = client("s3", s3={"addressing_style": style})
    key = "a b/\u00fc+%41 " + style
    bucket.put_object(Bucket="bucket", Key=key, Body=io.BytesIO(b"stream " * 30000))
    found["s3 " + style] = len(bucket.get_object(Bucket="bucket", Key=key)["Body"].read())
    bucket.put_object(Bucket="bucket", Key=key, Body=b"bytes", ChecksumAlgorithm="SHA256")
    signer = client("s3", signature_version="s3v4", s3={"addressing_style": style})
    address = signer.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": key})
    found["presigned " + style] = [address, urllib.request.urlopen(address).read().decode()]
found["s3Error"] = code(bucket.get_object, Bucket="bucket", Key="none")
print(json.dumps(found))
