'use strict';
// JSON text of what an Action hands over. Only plain data: no cycles, at most kDepth levels, no text that the server's parser would
// refuse. JSON.stringify alone would not do: it asks prototypes for toJSON, which an Action may have replaced.
const { isArray, keys, stringify, isFinite, toWellFormed, indexOf, TypeError, RangeError } = require('./primordials.cjs');

const kDepth = 16;
const kLongest = 64 * 1024;

function text(value) {
  return stringify(toWellFormed(value));
}

function encode(value, name, depth = 0) {
  if (depth > kDepth) throw new TypeError(`${name} is nested deeper than ${kDepth} levels or contains itself`);
  switch (typeof value) {
    case 'string': return text(value);
    case 'boolean': return value ? 'true' : 'false';
    case 'number':
      if (!isFinite(value)) throw new TypeError(`${name} holds a number that JSON does not have`);
      return stringify(value);
    case 'object': return value === null ? 'null' : encodeObject(value, name, depth);
    default: throw new TypeError(`${name} holds a ${typeof value}, which cannot be stored`);
  }
}

function encodeObject(value, name, depth) {
  if (typeof value.toJSON === 'function') return encode(value.toJSON(), name, depth + 1);
  let out = '';
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      out += (i === 0 ? '' : ',') + (item === undefined ? 'null' : encode(item, name, depth + 1));
      checkLength(out, name);
    }
    return `[${out}]`;
  }
  const names = keys(value);
  for (let i = 0; i < names.length; i++) {
    const item = value[names[i]];
    if (item === undefined) continue;
    if (indexOf(names[i], '\0') >= 0) throw new TypeError(`${name} has a member whose name holds a NUL character`);
    out += `${out === '' ? '' : ','}${text(names[i])}:${encode(item, name, depth + 1)}`;
    checkLength(out, name);
  }
  return `{${out}}`;
}

function checkLength(out, name) {
  if (out.length > kLongest) throw new RangeError(`${name} is longer than ${kLongest} characters`);
}

function encodeLimited(value, name) {
  const out = encode(value, name);
  checkLength(out, name);
  return out;
}

module.exports = { encode: encodeLimited, text };
