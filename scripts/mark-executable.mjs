// The compiler keeps the first line of a script but not its permission to run.
import { chmodSync, readdirSync } from 'node:fs';

const operators = readdirSync('dist/operators').filter((name) => name.endsWith('.js')).map((name) => `dist/operators/${name}`);
for (const path of ['dist/src/cli/main.js', ...operators]) chmodSync(path, 0o755);
