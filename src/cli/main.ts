#!/usr/bin/env node
// Nothing of ours is imported before Node is known to be new enough to understand it.
import { argv, execPath, exit, platform, versions } from 'node:process';

const WANTED = [22, 18] as const;

const [major = 0, minor = 0] = versions.node.split('.').map(Number);

if (major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1])) {
  console.error(`rainstorm: Node ${WANTED.join('.')} or newer is needed; this is ${versions.node} (${execPath})`);
  console.error('  In a clone, npm install brings the right one and npx rainstorm … uses it. Elsewhere, install a newer Node.');
  exit(2);
} else if (platform === 'win32') {
  console.error('rainstorm: it runs on Linux and macOS; on Windows, run it in WSL (wsl --install), where this command is the same');
  exit(2);
} else {
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { main } = await import('./program.ts');
  await main(argv);
}
