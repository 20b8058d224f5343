// Compiles the kernel (src/job/kernel/assembly) and writes it into a module of TypeScript, so that nothing is looked up when
// it runs. What it wrote is committed: a build does without the compiler. With --check it only says whether that is fresh.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TARGET = `${ROOT}src/job/kernel/kernel-module.ts`;
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];
const LINE_LENGTH = 116;

let binary;
const { error } = await main(['src/job/kernel/assembly/index.ts', '--baseDir', ROOT, '--outFile', 'kernel.wasm', ...OPTIONS], {
  stderr: process.stderr,
  writeFile: (_, contents) => (binary = contents),
});
if (error !== null) throw new Error('the kernel cannot be compiled', { cause: error });

const base64 = Buffer.from(binary).toString('base64');
const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')).map((line) => `  '${line}',`);
const text = `/** Written by scripts/build-kernel.mjs: the kernel in ./assembly, compiled. */\nexport const KERNEL_BASE64: string = [\n${lines.join('\n')}\n].join('');\n`;
if (!process.argv.includes('--check')) await writeFile(TARGET, text);
else if ((await readFile(TARGET, 'utf8')) !== text) throw new Error(`${TARGET} is not what the kernel compiles to: npm run build-kernel`);
