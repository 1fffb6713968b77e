"use strict";
// What runs inside a nodejs* instance: loads the handler, then takes work from the runtime API until it is ended.
// Plain CommonJS without dependencies; a raw socket instead of node:http, since loading less starts faster.
const fs = require("fs");
const net = require("net");
const path = require("path");
const util = require("util");

const [host, apiPath] = splitAddress(process.env.AWS_LAMBDA_RUNTIME_API);
const base = `${apiPath}/2018-06-01/runtime`;
/** From nodejs24.x on, a handler answers by what it returns and nothing else. */
const withoutCallbacks = Number((/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV || "") || [])[1]) >= 24;
let requestId;
let settle;

function splitAddress(address) {
  const slash = address.indexOf("/");
  return slash < 0 ? [address, ""] : [address.slice(0, slash), address.slice(slash)];
}

// ---- the runtime API -------------------------------------------------------------------------------------------------
let socket;
let waiting;
let received = Buffer.alloc(0);

function connect() {
  const [name, port] = host.split(":");
  socket = net.connect(Number(port), name);
  socket.setNoDelay(true);
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const [first, ...lines] = received.toString("latin1", 0, end).split("\r\n");
    const headers = {};
    for (const line of lines) {
      const colon = line.indexOf(":");
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    const from = end + 4;
    const length = Number(headers["content-length"] || 0);
    if (received.length < from + length) return;
    const body = received.subarray(from, from + length);
    received = received.subarray(from + length);
    const resolve = waiting;
    waiting = undefined;
    resolve({ status: Number(first.split(" ")[1]), headers, body });
  });
  // Without the runtime API there is nobody to work for.
  socket.on("close", () => process.exit(1));
  socket.on("error", () => process.exit(1));
}
function call(method, where, headers, body) {
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
  const lines = Object.keys(headers || {}).map((name) => `${name}: ${headers[name]}\r\n`);
  socket.ref();
  socket.write(
    Buffer.concat([Buffer.from(`${method} ${base}${where} HTTP/1.1\r\nhost: ${host}\r\n${lines.join("")}content-length: ${bytes.length}\r\n\r\n`), bytes]),
  );
  return new Promise((resolve) => {
    waiting = resolve;
  });
}
const usage = () => ({ "mayfly-max-memory-kb": process.resourceUsage().maxRSS });

// ---- the log ---------------------------------------------------------------------------------------------------------
function write(text) {
  const bytes = Buffer.from(text);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += fs.writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== "EAGAIN") return;
    }
  }
}
function log(level, values) {
  write(`${new Date().toISOString()}\t${requestId}\t${level}\t${util.format(...values)}`.replace(/\r?\n/g, "\r") + "\n");
}
const levels = { log: "INFO", info: "INFO", debug: "DEBUG", warn: "WARN", error: "ERROR", trace: "TRACE" };
for (const name of Object.keys(levels)) console[name] = (...values) => log(levels[name], values);
console.fatal = (...values) => log("FATAL", values);

// ---- errors ----------------------------------------------------------------------------------------------------------
function isError(value) {
  return value instanceof Error || (value && typeof value === "object" && typeof value.stack === "string" && typeof value.message === "string");
}
function describe(error) {
  if (isError(error)) return { errorType: error.name, errorMessage: error.message, trace: String(error.stack || "").split("\n") };
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}
function logError(what, error) {
  const { errorType, errorMessage, trace } = describe(error);
  const own = isError(error) ? Object.fromEntries(Object.entries(error)) : {};
  log("ERROR", [`${what} \t${safeJson({ errorType, errorMessage, ...own, stack: trace })}`]);
}
function safeJson(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify({ errorType: value.errorType, errorMessage: value.errorMessage });
  }
}
function named(name, message, cause) {
  const error = new Error(message);
  error.name = name;
  error.stack = cause && cause.stack ? cause.stack : `${name}: ${message}`;
  return error;
}

// ---- the handler -----------------------------------------------------------------------------------------------------
async function loadHandler() {
  const root = process.env.LAMBDA_TASK_ROOT;
  const wanted = process.env._HANDLER;
  const folder = wanted.slice(0, wanted.lastIndexOf("/") + 1);
  const matched = /^([^.]+)\.(.+)$/.exec(wanted.slice(folder.length));
  if (!matched || wanted.includes("..")) throw named("Runtime.MalformedHandlerName", `'${wanted}' is not a valid handler name. Use the form file.function`);
  const [, file, name] = matched;
  const module = await loadModule(path.resolve(root, folder, file), folder + file);
  let found = module;
  for (const part of name.split(".")) found = found === undefined || found === null ? undefined : found[part];
  if (found === undefined && module && module.default) {
    found = module.default;
    for (const part of name.split(".")) found = found === undefined || found === null ? undefined : found[part];
  }
  if (found === undefined) throw named("Runtime.HandlerNotFound", `${wanted} is undefined or not exported`);
  if (typeof found !== "function") throw named("Runtime.HandlerNotFound", `${wanted} is not a function`);
  if (withoutCallbacks && found.length >= 3)
    throw named(
      "Runtime.CallbackHandlerDeprecated",
      "AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. Use an async handler instead.",
    );
  return found;
}
async function loadModule(file, shown) {
  const found = [file, `${file}.js`, `${file}.mjs`, `${file}.cjs`].find((candidate) => fs.existsSync(candidate) && fs.statSync(candidate).isFile());
  try {
    if (found === undefined) {
      if (fs.existsSync(file)) return require(file);
      throw named("Runtime.ImportModuleError", `Error: Cannot find module '${shown}'\nRequire stack:\n- ${__filename}`);
    }
    return isModule(found) ? await import(require("url").pathToFileURL(found).href) : require(found);
  } catch (error) {
    if (error && (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND"))
      throw named("Runtime.ImportModuleError", String(error), error);
    if (error instanceof SyntaxError) throw named("Runtime.UserCodeSyntaxError", String(error), error);
    throw error;
  }
}
function isModule(file) {
  if (file.endsWith(".mjs")) return true;
  if (!file.endsWith(".js")) return false;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const described = path.join(folder, "package.json");
    if (fs.existsSync(described)) {
      try {
        return JSON.parse(fs.readFileSync(described, "utf8")).type === "module";
      } catch {
        return false;
      }
    }
    if (folder === path.dirname(folder) || path.basename(folder) === "node_modules") return false;
  }
}

// ---- invocations -----------------------------------------------------------------------------------------------------
function contextOf(headers, finish) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const clientContext = headers["lambda-runtime-client-context"];
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext ? JSON.parse(clientContext) : undefined,
    identity: undefined,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
    succeed: (result) => finish({ result }, true),
    fail: (error) => finish({ error: error === undefined || error === null ? "handled" : error }, true),
    done: (error, result) => finish(error === undefined || error === null ? { result } : { error }, true),
  };
  return context;
}
/** Resolves to { result } or { error }. */
function run(handler, event, headers) {
  return new Promise((resolve) => {
    let held;
    let over = false;
    const end = (outcome) => {
      if (over) return;
      over = true;
      process.removeListener("beforeExit", empty);
      settle = undefined;
      resolve(outcome);
    };
    // The event loop is empty: nothing more can come of this invocation.
    const empty = () => end(held || { result: null });
    const finish = (outcome, now) => {
      if (over || held) return;
      if (now || outcome.error !== undefined || !context.callbackWaitsForEmptyEventLoop) return end(outcome);
      held = outcome;
    };
    settle = end;
    process.on("beforeExit", empty);
    const context = contextOf(headers, finish);
    const callback = (error, result) => finish(error === undefined || error === null ? { result } : { error });
    try {
      const returned = handler(event, context, callback);
      if (returned && typeof returned.then === "function")
        returned.then(
          (result) => end({ result }),
          (error) => end({ error }),
        );
      // Up to nodejs22.x Lambda ignores what a handler returns that is no promise.
      else if (withoutCallbacks) end({ result: returned });
    } catch (error) {
      end({ error });
    }
  });
}
function bodyOf(outcome) {
  if (!("error" in outcome)) {
    try {
      const text = JSON.stringify(outcome.result === undefined ? null : outcome.result);
      return { text: text === undefined ? "null" : text };
    } catch (error) {
      outcome = { error: named("Runtime.MarshalError", `Unable to stringify response body: ${error.message}`, error) };
    }
  }
  logError(outcome.uncaught || "Invoke Error", outcome.error);
  return { text: safeJson(describe(outcome.error)), failed: true };
}
async function loop(handler) {
  for (;;) {
    const { headers, body } = await call("GET", "/invocation/next");
    requestId = headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
    socket.unref();
    let outcome;
    try {
      outcome = await run(handler, JSON.parse(body.toString() || "{}"), headers);
    } catch (error) {
      outcome = { error };
    }
    await answer(outcome);
  }
}
async function answer(outcome) {
  const id = requestId;
  const { text, failed } = bodyOf(outcome);
  write(`\u001e${id}\n`);
  const headers = { ...usage(), "content-type": "application/json" };
  if (failed) await call("POST", `/invocation/${id}/error`, { ...headers, "lambda-runtime-function-error-type": "Unhandled" }, text);
  else await call("POST", `/invocation/${id}/response`, headers, text);
}
/** An error nobody caught ends the invocation, and this process with it. */
async function crash(what, error, code) {
  const outcome = { error, uncaught: what };
  if (requestId === undefined || settle === undefined) {
    logError(what, error);
    process.exit(code);
  }
  settle = undefined;
  await answer(outcome);
  process.exit(code);
}

async function main() {
  connect();
  process.on("uncaughtException", (error) => void crash("Uncaught Exception", error, 129));
  process.on("unhandledRejection", (reason) => {
    const error = named("Runtime.UnhandledPromiseRejection", isError(reason) ? `${reason.name}: ${reason.message}` : String(reason), reason);
    void crash("Unhandled Promise Rejection", error, 128);
  });
  let handler;
  try {
    handler = await loadHandler();
  } catch (error) {
    logError(isError(error) && error.name.startsWith("Runtime.") ? "Uncaught Exception" : "Init Error", error);
    await call("POST", "/init/error", { "content-type": "application/json", "lambda-runtime-function-error-type": "Unhandled" }, safeJson(describe(error)));
    process.exit(1);
  }
  write("\u001einit\n");
  await loop(handler);
}
void main();
