import { open } from 'node:fs/promises';

/** Makes the names in a folder durable: those of files made, renamed and removed in it so far. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
