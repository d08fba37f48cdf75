// SPDX-License-Identifier: Apache-2.0
// docs/openapi.json → src/lib/api/schema.ts. `--check` writes nothing and fails when the file is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../docs/openapi.json', import.meta.url);
const target = new URL('../src/lib/api/schema.ts', import.meta.url);

const HEADER = `// SPDX-License-Identifier: Apache-2.0
// Generated from docs/openapi.json by \`npm run types\`. Do not edit.

`;

/** @returns {Promise<string>} the types as they should be */
export async function generateTypes() {
	return HEADER + astToString(await openapiTS(source, { alphabetize: true, rootTypes: false }));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
	const types = await generateTypes();
	if (process.argv.includes('--check')) {
		if (readFileSync(target, 'utf8') !== types) {
			console.error('src/lib/api/schema.ts is stale: run `npm run types`');
			process.exit(1);
		}
	} else {
		writeFileSync(target, types);
	}
}
