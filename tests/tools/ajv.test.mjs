// ajv in strict mode compiles every schema of both drafts and accepts the examples and the vectors.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { pathToFileURL } from "node:url";

import Ajv7 from "ajv";
import Ajv2020 from "ajv/dist/2020.js";

const SCHEMAS = new URL("../../schemas/", import.meta.url);
const DRAFT_7 = pathToFileURL(`${process.env.EXPORTS}/draft-07/`);
const parsed = (path, base = SCHEMAS) => JSON.parse(readFileSync(new URL(path, base), "utf8"));

for (const [base, directory, Ajv] of [
    [SCHEMAS, "", Ajv2020],
    [SCHEMAS, "accepted/", Ajv2020],
    [SCHEMAS, "vectors/", Ajv2020],
    [DRAFT_7, "", Ajv7.default],
    [DRAFT_7, "accepted/", Ajv7.default],
]) {
    const names = readdirSync(new URL(directory || ".", base)).filter((name) => name.endsWith(".schema.json"));
    test(`ajv takes ${names.length} schemas in ${base.pathname}${directory}`, () => {
        assert.ok(names.length > 0);
        for (const name of names) {
            const schema = parsed(directory + name, base);
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
