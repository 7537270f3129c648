// The Lambda runtime for Node.js: asks the Runtime API for events and runs the handler.
//
// Run as `node index.mjs`, with `_HANDLER` as `<file.export>`. Handlers may be async, return a promise, or call back;
// packages may be CommonJS or ES modules, as AWS's nodejs20.x takes them.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { Writable } from 'node:stream';
import util from 'node:util';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const root = process.env.LAMBDA_TASK_ROOT;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function ask(method, where, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? undefined : Buffer.from(body);
    if (sent) headers = { ...headers, 'Content-Length': sent.length };
    const options = { host, port, agent, method, headers, path: `/2018-06-01/runtime/${where}` };
    const request = http.request(options, (response) => {
      const pieces = [];
      response.on('data', (piece) => pieces.push(piece));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) }));
    });
    request.on('error', reject);
    request.end(sent);
  });
}

class RuntimeError extends Error {
  constructor(type, message) {
    super(message);
    this.name = type;
    this.trace = [];
  }
}

function describe(error) {
  if (util.types.isNativeError(error) || error instanceof Error) {
    const trace = error.trace ?? (error.stack ?? '').split('\n');
    return { errorType: error.name, errorMessage: error.message, trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

// --- what a handler prints: time, request id and level, tab-separated --------------------------

let requestId = 'undefined';

const asJson = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const order = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const lowest = asJson ? order.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL) : -1;

function lineOf(level, what) {
  const timestamp = new Date().toISOString();
  if (!asJson) return `${timestamp}\t${requestId}\t${level}\t${util.format(...what).replace(/\n/g, '\r')}`;
  const only = what.length === 1 && what[0] !== null && typeof what[0] === 'object' && !(what[0] instanceof Error);
  const line = { timestamp, level, requestId, message: only ? what[0] : util.format(...what) };
  const error = what.find((one) => one instanceof Error);
  if (error) Object.assign(line, { errorType: error.name, errorMessage: error.message, stackTrace: (error.stack ?? '').split('\n') });
  return JSON.stringify(line);
}

function patchConsole() {
  const levels = { log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', debug: 'DEBUG', trace: 'TRACE' };
  for (const [name, level] of Object.entries(levels)) {
    console[name] = (...what) => {
      if (order.indexOf(level) < lowest) return;
      // Synchronous, so that lines come before the answer that follows them.
      fs.writeSync(1, `${lineOf(level, what)}\n`);
    };
  }
}

function report(kind, description) {
  console.error(`${kind}\t${JSON.stringify({ errorType: description.errorType, errorMessage: description.errorMessage, stack: description.trace })}`);
}

// --- finding the handler -----------------------------------------------------------------------

function candidates(file) {
  return ['', '.js', '.mjs', '.cjs'].map((ending) => path.resolve(root, file + ending));
}

async function load(handler) {
  const match = /^(.*?)([^/.]+)\.(.+)$/.exec(handler);
  if (!match) throw new RuntimeError('Runtime.MalformedHandlerName', `Bad handler '${handler}'`);
  const [, folder, base, names] = match;
  const file = candidates(path.join(folder, base)).find((one) => fs.existsSync(one) && fs.statSync(one).isFile());
  if (!file) {
    throw new RuntimeError('Runtime.ImportModuleError', `Error: Cannot find module '${base}'\nRequire stack:\n- /var/runtime/index.mjs`);
  }
  let loaded;
  try {
    loaded = isModule(file) ? await import(pathToFileURL(file)) : createRequire(file)(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    if (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new RuntimeError('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
  const find = (from) => names.split('.').reduce((value, name) => value?.[name], from);
  const found = find(loaded) ?? find(loaded.default);
  if (found === undefined) throw new RuntimeError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof found !== 'function') throw new RuntimeError('Runtime.HandlerNotFound', `${handler} is not a function`);
  return found;
}

function isModule(file) {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  for (let folder = path.dirname(file); folder.startsWith(root); folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
  }
  return false;
}

// --- answers that are streamed -----------------------------------------------------------------

const streams = Symbol.for('aws.lambda.runtime.handler.streaming');

// Sends what is written to it while the handler runs; what fails on the way goes into trailers.
class ResponseStream extends Writable {
  constructor(id) {
    super({ highWaterMark: 65536 });
    this.id = id;
    this.contentType = 'application/octet-stream';
    this.done = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
    this.done.catch(() => {});
    this.on('error', () => {}); // a pipeline that breaks destroys it; its handler tells why
  }

  setContentType(contentType) {
    if (this.request) throw new Error('The response has begun: too late for a content type.');
    this.contentType = contentType;
  }

  begin() {
    if (this.request) return;
    const headers = {
      'Content-Type': this.contentType,
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      'Transfer-Encoding': 'chunked',
      Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    };
    const options = { host, port, agent, method: 'POST', headers, path: `/2018-06-01/runtime/invocation/${this.id}/response` };
    this.request = http.request(options, (response) => response.resume().on('end', this.resolve));
    this.request.on('error', this.reject);
    const prelude = this.prelude;
    if (prelude) this.request.write(Buffer.concat([Buffer.from(prelude), Buffer.alloc(8)]));
  }

  _write(chunk, encoding, callback) {
    this.begin();
    this.request.write(chunk, encoding, callback);
  }

  _final(callback) {
    this.begin();
    this.request.end(callback);
  }

  // Returns whether the error could be told in the response itself.
  fail(description) {
    if (!this.request || this.writableFinished) return false;
    const body = Buffer.from(JSON.stringify(description)).toString('base64');
    this.request.addTrailers({
      'Lambda-Runtime-Function-Error-Type': 'Unhandled',
      'Lambda-Runtime-Function-Error-Body': body,
    });
    this.request.end();
    return true;
  }
}

globalThis.awslambda = {
  streamifyResponse(handler, options) {
    handler[streams] = options?.highWaterMark ? options : true;
    return handler;
  },
  HttpResponseStream: {
    from(stream, metadata) {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      stream.prelude = JSON.stringify(metadata);
      return stream;
    },
  },
};

async function runStreaming(handler, event, headers) {
  const stream = new ResponseStream(requestId);
  try {
    await handler(event, stream, contextOf(headers, () => {}));
    if (!stream.writableEnded) stream.end();
    await stream.done;
  } catch (error) {
    const description = describe(error);
    report('Invoke Error ', description);
    if (stream.fail(description)) await stream.done;
    else throw Object.assign(error instanceof Error ? error : new Error(String(error)), { reported: true });
  }
}

// --- one event ---------------------------------------------------------------------------------

function contextOf(headers, settle) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const clientContext = headers['lambda-runtime-client-context'];
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: clientContext ? JSON.parse(clientContext) : undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    succeed: (result) => settle(null, result),
    fail: (error) => settle(error),
    done: (error, result) => settle(error, result),
  };
  return context;
}

function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (error, result) => {
      if (settled) return;
      settled = true;
      if (error !== null && error !== undefined) return reject(error);
      if (!context.callbackWaitsForEmptyEventLoop) return resolve(result);
      // A callback's answer waits until nothing else is to be done, as AWS's does.
      waiting = () => resolve(result);
    };
    const context = contextOf(headers, settle);
    const returned = handler(event, context, settle);
    if (returned && typeof returned.then === 'function') {
      returned.then((result) => { settled = true; resolve(result); }, (error) => { settled = true; reject(error); });
    } else if (!settled && handler.length < 3) {
      // Neither a promise nor a callback: AWS answers null once the event loop is empty.
      waiting = () => resolve(undefined);
    }
  });
}

let waiting = null;
process.on('beforeExit', () => {
  const go = waiting ?? (() => {});
  waiting = null;
  go();
});

async function loop(handler) {
  for (;;) {
    const next = await ask('GET', 'invocation/next');
    requestId = next.headers['lambda-runtime-aws-request-id'];
    process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'] ?? '';
    try {
      const event = JSON.parse(next.body.toString('utf8'));
      if (handler[streams]) {
        await runStreaming(handler, event, next.headers);
        continue;
      }
      const result = await run(handler, event, next.headers);
      await ask('POST', `invocation/${requestId}/response`, JSON.stringify(result === undefined ? null : result));
    } catch (error) {
      const description = describe(error);
      if (!error?.reported) report('Invoke Error ', description);
      const headers = { 'Lambda-Runtime-Function-Error-Type': 'Unhandled' };
      await ask('POST', `invocation/${requestId}/error`, JSON.stringify(description), headers);
    }
  }
}

async function crash(kind, error) {
  const description = { errorType: kind, errorMessage: `${error?.name ?? 'Error'}: ${error?.message ?? error}`, trace: describe(error).trace };
  report(kind === 'Runtime.UnhandledPromiseRejection' ? 'Unhandled Promise Rejection ' : 'Uncaught Exception ', description);
  const where = requestId === 'undefined' ? 'init/error' : `invocation/${requestId}/error`;
  await ask('POST', where, JSON.stringify(description), { 'Lambda-Runtime-Function-Error-Type': kind });
  process.exit(128);
}

process.on('uncaughtException', (error) => crash('Runtime.UncaughtException', error));
process.on('unhandledRejection', (error) => crash('Runtime.UnhandledPromiseRejection', error));

patchConsole();
let handler;
try {
  handler = await load(process.env._HANDLER);
} catch (error) {
  const description = describe(error);
  report('Uncaught Exception ', description);
  await ask('POST', 'init/error', JSON.stringify(description), { 'Lambda-Runtime-Function-Error-Type': description.errorType });
  process.exit(1);
}
loop(handler).catch((error) => crash('Runtime.UncaughtException', error));
