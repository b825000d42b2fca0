// Passes each line of the corpus to a compiled reader and prints its output: `node read.mjs READER.js`.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { read } = await import(pathToFileURL(process.argv[2]));

for await (const line of createInterface({ input: process.stdin })) {
    const { name, document, input } = JSON.parse(line);
    let result;
    try {
        result = { name, output: JSON.parse(read(document, JSON.stringify(input))) };
    } catch (error) {
        result = { name, error: error.message };
    }
    console.log(JSON.stringify(result));
}
