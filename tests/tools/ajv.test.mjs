// ajv, in its strict mode, takes every schema as it is, the examples in it, and the vectors.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

import Ajv7 from "ajv";
import Ajv2020 from "ajv/dist/2020.js";

const SCHEMAS = new URL("../../schemas/", import.meta.url);
const parsed = (path) => JSON.parse(readFileSync(new URL(path, SCHEMAS), "utf8"));

for (const [directory, Ajv] of [
    ["", Ajv2020],
    ["accepted/", Ajv2020],
    ["vectors/", Ajv2020],
    ["draft-07/", Ajv7.default],
    ["draft-07/accepted/", Ajv7.default],
]) {
    const names = readdirSync(new URL(directory || ".", SCHEMAS)).filter((name) => name.endsWith(".schema.json"));
    test(`ajv takes ${names.length} schemas in schemas/${directory}`, () => {
        assert.ok(names.length > 0);
        for (const name of names) {
            const schema = parsed(directory + name);
            const ajv = new Ajv({ strict: true, allErrors: true });
            const validate = ajv.compile(schema);
            for (const example of schema.examples) {
                assert.ok(validate(example), `${name}: ${ajv.errorsText(validate.errors)}`);
            }
        }
    });
}

test("ajv takes the vectors", () => {
    const ajv = new Ajv2020({ strict: true });
    const validate = ajv.compile(parsed("vectors/vectors.schema.json"));
    for (const name of ["transitions", "guards", "timeouts", "client", "rules"]) {
        assert.ok(validate(parsed(`vectors/${name}.json`)), `${name}: ${ajv.errorsText(validate.errors)}`);
    }
});
