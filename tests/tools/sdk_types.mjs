// What npm auth0 says of the Management API: every method of its client with its HTTP method, its path and the type of its answer, and
// those types as one JSON Schema. Read from the installed package (its declarations are generated, so their lines have one form); the
// schema takes half a minute to make and is kept in build/.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv';

const home = path.join(import.meta.dirname, 'node_modules/auth0');
const { version } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'));
const management = path.join(home, 'dist/cjs/management');
const kept = path.resolve(import.meta.dirname, `../../build/sdk-types/auth0-${version}`);

// "GET /clients/{}" of "/clients/{client_id}": parameters have no names in common between the package and Segue.
export const route = (method, template) => `${method} ${template.replace(/\{[^}]*\}/g, '{}').replace(/(?<=.)\/$/, '')}`;

// [{ call: 'clients.credentials.list', route: 'GET /clients/{}/credentials', answer: 'Management.X' | 'void' }]
export const operations = clientsBelow(path.join(management, 'api/resources')).flatMap(operationsOf);

function clientsBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('client/Client.js'))
    .map((file) => path.join(folder, file))
    .sort();
}

function operationsOf(file) {
  const owner = path.relative(path.join(management, 'api/resources'), path.dirname(path.dirname(file))).replaceAll('/resources/', '.');
  const declarations = readFileSync(file.replace(/\.js$/, '.d.ts'), 'utf8');
  const types = new Map(
    [...declarations.matchAll(/^    (\w+)\(.*\): (?:core\.HttpResponsePromise|Promise)<(.*)>;$/gm)].map(([, name, type]) => [
      name,
      answerOf(type),
    ]),
  );
  // Each method names its route once, where it tells of a failure.
  const bodies = readFileSync(file, 'utf8').split(/^    (?=(?:__)?\w+\([^)]*\) \{$)/m);
  return bodies.flatMap((body) => {
    const [, name] = /^(?:__)?(\w+)\(/.exec(body) ?? [];
    const [, method, template] = /handleNonStatusCodeError\)\([^"]*"(\w+)", "([^"]+)"\)/.exec(body) ?? [];
    return method && types.has(name) ? [{ call: `${owner}.${name}`, route: route(method, template), answer: types.get(name) }] : [];
  });
}

// The type of the body: a page is declared with the type of its items and that of its answer.
function answerOf(type) {
  const page = /^core\.Page<.*, (Management\.[\w.]+)>$/.exec(type);
  return page ? page[1] : type.replace(' | undefined', '');
}

// Checks the body of an answer of a route; the result is what is wrong with it, or nothing.
export async function answers() {
  const schema = await answerSchema();
  const ajv = new Ajv({ strict: false, allErrors: true, verbose: true, validateFormats: false });
  ajv.addSchema(schema, 'answers');
  const validators = new Map();
  return (route, body) => {
    const pointer = `answers#/definitions/Answers/properties/${encodeURIComponent(route.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
    if (!validators.has(route)) validators.set(route, ajv.compile({ $ref: pointer }));
    const validate = validators.get(route);
    return validate(body)
      ? []
      : validate.errors.map(({ instancePath, message, data }) => `${instancePath} ${message}: ${JSON.stringify(data)}`);
  };
}

async function answerSchema() {
  const file = path.join(kept, 'answers.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  mkdirSync(kept, { recursive: true });
  const source = path.join(kept, 'answers.ts');
  const typed = operations.filter(({ answer }) => /^Management\.|\[\]$/.test(answer));
  const lines = new Map(typed.map(({ route: name, answer }) => [name, `  ${JSON.stringify(name)}: ${answer};`]));
  writeFileSync(
    source,
    `import type * as Management from ${JSON.stringify(path.join(management, 'api/index.js'))};\nexport interface Answers {\n${[...lines.values()].join('\n')}\n}\n`,
  );
  const { createGenerator } = await import('ts-json-schema-generator');
  const schema = createGenerator({
    path: source,
    type: 'Answers',
    skipTypeCheck: true,
    additionalProperties: true,
    expose: 'export',
  }).createSchema('Answers');
  writeFileSync(file, JSON.stringify(schema));
  return schema;
}
