/** The schema of `manifest.json` goes in, a module that checks a manifest comes out: no eval in the page. */

import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";

const NAME = "virtual:manifest-validator";
const SCHEMA = new URL("../../cutouts/bundle.schema.json", import.meta.url);

/** Return the source of the validator as an ES module. */
export function validatorSource() {
  const ajv = new Ajv2020({
    code: { source: true, esm: true, lines: false },
    strictTypes: false,
    strictRequired: false,
  });
  const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, "utf8")));
  // Lengths of strings are counted in code points, which one line does without ajv's own module.
  const length = "const $1 = (text) => [...text].length;";
  const source = standalone
    .default(ajv, validate)
    .replace(/const (\w+) = require\("ajv\/dist\/runtime\/ucs2length"\)\.default;?/g, length);
  if (source.includes("require("))
    throw new Error(`the validator still requires ${source.match(/require\([^)]*\)/)?.[0]}`);
  return source;
}

/** Return the Vite plugin that answers imports of the validator. */
export function validatorPlugin() {
  return {
    name: "cutouts-manifest-validator",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) => (id === `\0${NAME}` ? validatorSource() : undefined),
  };
}
