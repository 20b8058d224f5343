import type { ReplaceArgument } from '../../src/job/operator-arguments.ts';
import { compilePattern } from './pattern.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { TupleText } from './tuple-text.ts';

/** What `replace` does: all matches in each tuple become the new text. */
export function replaceMatches(wanted: ReplaceArgument): BlockOperator {
  const pattern = compilePattern(wanted, 'g');
  // In a tuple that is not UTF-8 a character stands for one byte, so the new text has to come as its bytes too.
  const byteReplacement = Buffer.from(wanted.replacement).toString('latin1');
  const text = new TupleText();
  return {
    take(block, output) {
      text.load(block);
      // Neighbours without a match are copied in one piece.
      let runStart = 0;
      let start = 0;
      for (let i = 0; i < block.count; i++) {
        const end = block.ends[i] ?? 0;
        const before = text.read(start, end - 1);
        const after = before.replace(pattern, text.isUtf8 ? wanted.replacement : byteReplacement);
        if (after !== before) {
          output.bytes(block.bytes, runStart, start);
          text.write(after, output);
          output.newline();
          runStart = end;
        }
        start = end;
      }
      output.bytes(block.bytes, runStart, start);
    },
  };
}
