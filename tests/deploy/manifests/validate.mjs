// Reads {name: [resource, ...]} as JSON and prints what the published schemas have against the resources,
// one line each. The schemas are those of the API server's OpenAPI document and of the operator's
// custom resources, as the packages kubernetes-models and @kubernetes-models/* have compiled them.
//
// These schemas let fields pass that they do not know, and a misspelt field is what one most
// wants to hear of. A validator reads every field that it knows; so it is given a proxy that
// remembers what was read, and what was not is unknown.
import {existsSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const modules = process.env.NODE_MODULES;
const require = createRequire(join(modules, 'x.js'));

const PACKAGES = {'monitoring.coreos.com': '@kubernetes-models/prometheus-operator'};

function validator(resource) {
  const group = resource.apiVersion.includes('/') ? resource.apiVersion.split('/')[0] : '';
  const root = join(modules, PACKAGES[group] ?? 'kubernetes-models');
  const model = join(root, resource.apiVersion, `${resource.kind}.js`);
  if (!existsSync(model)) return undefined;
  const schema = readFileSync(model, 'utf8').match(/_schemas\/(\w+)\.js/)[1];
  return require(join(root, '_schemas', `${schema}.js`)).validate;
}

function watched(value, path, read) {
  if (value === null || typeof value !== 'object') return value;
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === 'string' && Object.hasOwn(target, key)) read.add(`${path}/${key}`);
      return watched(target[key], `${path}/${String(key)}`, read);
    },
  });
}

function* unread(value, path, read) {
  if (value === null || typeof value !== 'object') return;
  for (const key of Object.keys(value)) {
    const inner = `${path}/${key}`;
    if (read.has(inner)) yield* unread(value[key], inner, read);
    else yield inner;
  }
}

function findings(resource) {
  const validate = validator(resource);
  if (!validate) return [`no schema for ${resource.apiVersion} ${resource.kind}`];
  const read = new Set();
  const valid = validate(watched(resource, '', read));
  const errors = valid ? [] : validate.errors.map((e) => `${e.instancePath}: ${e.message ?? e.keyword}`);
  // Where the schema was left early because of an error, the rest looks unread.
  return valid ? [...unread(resource, '', read)].map((path) => `${path}: unknown field`) : errors;
}

for (const [name, resources] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  for (const resource of resources) {
    for (const finding of findings(resource)) {
      console.log(`${name}: ${resource.kind}/${resource.metadata?.name}${finding}`);
    }
  }
}
