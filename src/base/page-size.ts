import { readFileSync } from 'node:fs';
import { errnoOf } from './errors.ts';

/** The key of the page size among the pairs of /proc/self/auxv (getauxval(3)). */
const AT_PAGESZ = 6n;

const WORD_BYTES = 8;

const USUAL_BYTES = 4_096;

/** In which Linux counts memory. Where it does not say, that of most machines. */
export function pageBytes(): number {
  const words = readWords('/proc/self/auxv');
  const key = words.findIndex((word, index) => index % 2 === 0 && word === AT_PAGESZ);
  return key === -1 ? USUAL_BYTES : Number(words[key + 1]);
}

function readWords(path: string): BigUint64Array {
  try {
    const { buffer, byteOffset, length } = readFileSync(path);
    return new BigUint64Array(buffer.slice(byteOffset, byteOffset + length - (length % WORD_BYTES)));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return new BigUint64Array();
  }
}
