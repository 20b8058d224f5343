import type { Source, SourcePosition } from '../../src/connect/source.ts';
import type { Block } from '../../src/job/block.ts';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { Shape } from './shape.ts';
import type { SimProcess } from './sim-process.ts';

const MAX_READ_BYTES = 40;

const MAX_IDLE_TURNS = 20;

/** Reads lines in pieces cut anywhere, from where an attempt before was. */
export function openSimSource(process: SimProcess, { lines, readOnce }: Pick<Shape, 'lines' | 'readOnce'>, from: SourcePosition | undefined): Source {
  const splitter = new BlockSplitter({ format: 'lines', maxTupleBytes: 1 << 20, where: 'source' });
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
  let at = from?.offsetBytes ?? 0;
  let handedBytes = at;
  const handed = (block: Block | undefined) => {
    handedBytes += block?.bytes.length ?? 0;
    return block;
  };
  return {
    position: () => ({ file: 0, offsetBytes: handedBytes, line: 1, identity: undefined, header: undefined }),
    read: async () => {
      await process.pause();
      while (at < bytes.length) {
        const end = Math.min(bytes.length, at + 1 + process.random.below(MAX_READ_BYTES));
        const block = splitter.push(bytes.subarray(at, end));
        at = end;
        if (block !== undefined) return handed(block);
      }
      // What has nothing more may be long in saying so: all before is done by then. A pipe says it soon, so that more of them die behind their end.
      for (let turn = readOnce ? 0 : process.random.below(3) * MAX_IDLE_TURNS; turn > 0; turn--) await process.pause();
      return handed(splitter.end());
    },
    progress: () => ({ doneBytes: at, totalBytes: bytes.length }),
    close: () => {
      at = bytes.length;
      return Promise.resolve();
    },
  };
}
