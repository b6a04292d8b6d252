'use strict';
// The socket to the server, file descriptor 3: frames of four bytes of length and as many of JSON. Reading blocks, so that nothing
// that an Action left behind runs between two calls.
const { readSync, writeSync } = require('node:fs');
const { parse, apply } = require('./primordials.cjs');

const kSocket = 3;
const { alloc, from } = Buffer;
const { set } = Uint8Array.prototype;
const { readUInt32BE, writeUInt32BE, toString } = Buffer.prototype;
const exit = process.exit.bind(process);

function readExactly(length) {
  const bytes = apply(alloc, Buffer, [length]);
  for (let at = 0; at < length;) {
    const got = readSync(kSocket, bytes, at, length - at, null);
    if (got === 0) exit(0); // the server has closed it
    at += got;
  }
  return bytes;
}

function read() {
  const length = apply(readUInt32BE, readExactly(4), [0]);
  return parse(apply(toString, readExactly(length), ['utf8']));
}

function write(json) {
  const body = apply(from, Buffer, [json, 'utf8']);
  const frame = apply(alloc, Buffer, [4 + body.length]);
  apply(writeUInt32BE, frame, [body.length, 0]);
  apply(set, frame, [body, 4]);
  for (let at = 0; at < frame.length;) at += writeSync(kSocket, frame, at, frame.length - at);
}

module.exports = { read, write };
