/**
 * The three ways `flatmap` cuts tuples into pieces, of which the empty ones are dropped. The output is lines: where a piece
 * has a newline, as one of a CSV record may, it becomes several.
 */
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { TupleText } from './tuple-text.ts';

const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** Cuts at ASCII white space: space, tab, newline, vertical tab, form feed, CR. */
export function cutIntoWords(): BlockOperator {
  return {
    // Newlines are white space too, so it does not matter where one tuple ends.
    take(block, output) {
      const { bytes } = block;
      let start = 0;
      for (let at = 0; at < bytes.length; at++) {
        const byte = bytes[at] ?? 0;
        if (byte !== SPACE && (byte < TAB || byte > CR)) continue;
        if (at > start) {
          output.bytes(bytes, start, at);
          output.newline();
        }
        start = at + 1;
      }
    },
  };
}

/** Cuts at these bytes, of which there is at least one. */
export function cutAtText(separator: Buffer): BlockOperator {
  return {
    take(block, output) {
      const { bytes, count, ends } = block;
      let start = 0;
      let hit = bytes.indexOf(separator);
      for (let i = 0; i < count; i++) {
        const end = ends[i] ?? 0;
        while (hit !== -1 && hit < end) {
          // A separator with a newline in it may reach beyond its tuple, where it is in none.
          if (hit >= start && hit + separator.length < end) {
            if (hit > start) output.bytes(bytes, start, hit);
            if (hit > start) output.newline();
            start = hit + separator.length;
            hit = bytes.indexOf(separator, start);
          } else {
            hit = bytes.indexOf(separator, hit + 1);
          }
        }
        if (end - 1 > start) output.bytes(bytes, start, end);
        start = end;
      }
    },
  };
}

/** Cuts at each match of a pattern with the flag `g`. An empty match cuts between two characters. */
export function cutAtPattern(pattern: RegExp): BlockOperator {
  const text = new TupleText();
  return {
    take(block, output) {
      text.load(block);
      let start = 0;
      for (let i = 0; i < block.count; i++) {
        const end = block.ends[i] ?? 0;
        const tuple = text.read(start, end - 1);
        let from = 0;
        // Not `split`, which gives the pattern's groups as pieces.
        for (const match of tuple.matchAll(pattern)) {
          if (match.index > from) text.write(`${tuple.slice(from, match.index)}\n`, output);
          from = match.index + match[0].length;
        }
        if (tuple.length > from) text.write(`${tuple.slice(from)}\n`, output);
        start = end;
      }
    },
  };
}
