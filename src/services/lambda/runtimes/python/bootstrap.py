"""What runs inside a python3* instance: loads the handler, then takes work from the runtime API until it is ended.

Only modules that start fast are imported; the HTTP client is a raw socket.
"""

import importlib
import json
import os
import socket
import sys
import time

MARK = "\x1e"


class Api:
    """The runtime API over one kept connection."""

    def __init__(self, address):
        host, _, path = address.partition("/")
        name, _, port = host.partition(":")
        self.host = host
        self.base = ("/" + path if path else "") + "/2018-06-01/runtime"
        self.socket = socket.create_connection((name, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def call(self, method, where, headers=None, body=b""):
        lines = "".join("%s: %s\r\n" % item for item in (headers or {}).items())
        head = "%s %s%s HTTP/1.1\r\nhost: %s\r\n%scontent-length: %d\r\n\r\n" % (method, self.base, where, self.host, lines, len(body))
        self.socket.sendall(head.encode("latin-1") + body)
        while b"\r\n\r\n" not in self.received:
            self.receive()
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        found = {}
        for line in head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            found[name.lower()] = value.strip()
        length = int(found.get("content-length", "0"))
        while len(self.received) < length:
            self.receive()
        body, self.received = self.received[:length], self.received[length:]
        return found, body

    def receive(self):
        chunk = self.socket.recv(1 << 20)
        if not chunk:
            os._exit(1)
        self.received += chunk


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Client:
    def __init__(self, said):
        self.installation_id = said.get("installation_id")
        self.app_title = said.get("app_title")
        self.app_version_name = said.get("app_version_name")
        self.app_version_code = said.get("app_version_code")
        self.app_package_name = said.get("app_package_name")


class ClientContext:
    def __init__(self, said):
        self.client = Client(said["client"]) if said.get("client") else None
        self.custom = said.get("custom")
        self.env = said.get("env")


class LambdaContext:
    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = env["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = env["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = env["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = env["AWS_LAMBDA_LOG_STREAM_NAME"]
        said = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(said)) if said else None
        self.identity = Identity()
        self._deadline = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(int(self._deadline - time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class Failure(Exception):
    """An error that is told under a name of the runtime's own."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


request_id = None


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def describe(error, own_frames):
    import traceback

    if isinstance(error, Failure):
        return {"errorMessage": str(error), "errorType": error.kind, "requestId": request_id or "", "stackTrace": []}
    # The frames of this file are nobody's business.
    trace = traceback.format_list(traceback.extract_tb(error.__traceback__)[own_frames:])
    return {"errorMessage": str(error), "errorType": type(error).__name__, "requestId": request_id or "", "stackTrace": trace}


def log_error(told):
    text = "[ERROR] %s: %s" % (told["errorType"], told["errorMessage"])
    if told["stackTrace"]:
        text += "\nTraceback (most recent call last):\n" + "".join(told["stackTrace"]).rstrip("\n")
    write(text.replace("\r\n", "\n").replace("\n", "\r") + "\n")


def install_logging():
    """Messages of the logging module, as Lambda formats them."""
    import logging

    class Handler(logging.Handler):
        def emit(self, record):
            write(self.format(record).replace("\n", "\r") + "\n")

    class RequestId(logging.Filter):
        def filter(self, record):
            record.aws_request_id = request_id
            return True

    logging.Formatter.converter = time.gmtime
    handler = Handler()
    handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(RequestId())
    logging.root.addHandler(handler)


class LoggingFinder:
    """Sets logging up at its first import, so that functions without it start without it."""

    def find_spec(self, name, path=None, target=None):
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        import importlib.util

        spec = importlib.util.find_spec("logging")
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            install_logging()

        spec.loader.exec_module = exec_module
        return spec


def load_handler(wanted):
    try:
        module_name, name = wanted.rsplit(".", 1)
    except ValueError:
        raise Failure("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % wanted)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        where = '  File "%s" Line %s\n    %s' % (error.filename, error.lineno, (error.text or "").strip())
        failure = Failure("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error))
        write("[ERROR] Runtime.UserCodeSyntaxError: %s\r%s\n" % (failure, where.replace("\n", "\r")))
        raise failure
    if not hasattr(module, name):
        raise Failure("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (name, module_name))
    return getattr(module, name)


def encode(value):
    """What JSON has no word for and Lambda writes all the same: decimals."""
    if type(value).__name__ == "Decimal":
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def to_json(value):
    return json.dumps(value, default=encode, ensure_ascii=False).encode("utf-8", "surrogatepass")


def usage():
    import resource

    return {"mayfly-max-memory-kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "content-type": "application/json"}


def main():
    global request_id
    sys.stdout.reconfigure(line_buffering=True)
    # The folder of this file is no place for the function's imports.
    ours = os.path.dirname(os.path.abspath(__file__))
    layers = ["/opt/python/lib/python%d.%d/site-packages" % sys.version_info[:2], "/opt/python"]
    sys.path[:] = [os.environ["LAMBDA_TASK_ROOT"], *layers] + [path for path in sys.path if path != ours]
    if "logging" in sys.modules:
        install_logging()
    else:
        sys.meta_path.insert(0, LoggingFinder())
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except BaseException as error:  # what a module does at its import is its own choice
        if isinstance(error, SystemExit):
            raise
        told = describe(error, 2)
        log_error(told)
        api.call("POST", "/init/error", {"lambda-runtime-function-error-type": told["errorType"]}, to_json(told))
        sys.exit(1)
    write(MARK + "init\n")
    while True:
        headers, body = api.call("GET", "/invocation/next")
        request_id = headers["lambda-runtime-aws-request-id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("lambda-runtime-trace-id", "")
        try:
            answer = handler(json.loads(body or b"{}"), LambdaContext(headers))
            try:
                told = to_json(answer)
            except (TypeError, ValueError) as error:
                raise Failure("Runtime.MarshalError", "Unable to marshal response: %s" % error)
            failed = False
        except Exception as error:
            failure = describe(error, 1)
            log_error(failure)
            told = to_json(failure)
            failed = True
        sys.stderr.flush()
        write(MARK + request_id + "\n")
        if failed:
            api.call("POST", "/invocation/%s/error" % request_id, dict(usage(), **{"lambda-runtime-function-error-type": "Unhandled"}), told)
        else:
            api.call("POST", "/invocation/%s/response" % request_id, usage(), told)


main()
