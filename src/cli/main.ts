#!/usr/bin/env node
// Nothing is imported, and nothing written that an old Node cannot read, before this one is known to be new enough.
const WANTED = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1])) {
  console.error(`rainstorm: it needs Node >= ${WANTED.join('.')}, and this is ${process.versions.node} (${process.execPath})`);
  process.exit(1);
} else if (process.platform === 'win32') {
  console.error('rainstorm: it runs on Linux and macOS; on Windows, run it in WSL (wsl --install), where this command is the same');
  process.exit(2);
} else {
  void start();
}

/** What it throws is a bug, and ends the process as an error that nobody catches. */
async function start(): Promise<void> {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import('./program.ts');
  await main(process.argv);
}
