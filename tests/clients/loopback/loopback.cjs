// Node runs this at start (NODE_OPTIONS=--require): no host but this machine is found, so that nothing a client does by
// itself (telemetry, a look for updates) leaves it.
const dns = require("node:dns");
const { hostname } = require("node:os");
const { promisify } = require("node:util");

const local = new Set(["localhost", "127.0.0.1", "::1", hostname()]);
const { lookup: original } = dns;
const resolve = promisify(original);

function refusal(host) {
  return Object.assign(new Error(`${host} is not this machine`), { code: "ENOTFOUND", hostname: host });
}

dns.lookup = function lookup(host, options, callback) {
  if (local.has(host)) return original.call(dns, host, options, callback);
  return process.nextTick(typeof options === "function" ? options : callback, refusal(host));
};
dns.lookup[promisify.custom] = async function lookup(host, options) {
  if (local.has(host)) return resolve(host, options);
  throw refusal(host);
};
