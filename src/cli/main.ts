#!/usr/bin/env node
// Nothing is imported before Node is known to be new enough to understand the rest.
const WANTED = [22, 18] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const { platform } = process;

if (major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1])) {
  console.error(`rainstorm: Node ${WANTED.join('.')} or newer is needed; this is ${process.versions.node} (${process.execPath})`);
  console.error('  In a clone, npm install brings the right one and npx rainstorm … uses it. Elsewhere, install a newer Node.');
  process.exit(2);
} else if (platform === 'win32') {
  console.error('rainstorm: it runs on Linux and macOS; on Windows, run it in WSL (wsl --install), where this command is the same');
  process.exit(2);
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import('./program.ts');
  await main(process.argv);
}

export {};
