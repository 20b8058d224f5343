/** Memory behind the areas, handed out until all of it is taken back. */
import { HEAP, SLACK_BYTES } from './layout';

const PAGE_BITS: u32 = 16;

/** Memory is enlarged by at least this, of 64 KiB each, while it may be: each time costs the caller its views. */
const STEP_PAGES: u32 = 16;

let top: u32 = HEAP;

/** Takes everything back. */
export function release(): void {
  memory.fill(HEAP, 0, top - HEAP);
  top = HEAP;
}

/** So many bytes of zeros, at a multiple of 8; 0 where there is no more memory. */
export function allocate(bytes: u32): u32 {
  const end = <u64>top + <u64>bytes + <u64>SLACK_BYTES;
  const have = <u64>memory.size() << PAGE_BITS;
  if (end > have) {
    const missing = <i32>((end - have + 0xffff) >> PAGE_BITS);
    if (memory.grow(max(missing, <i32>STEP_PAGES)) < 0 && memory.grow(missing) < 0) return 0;
  }
  const at = top;
  top = (top + bytes + 7) & ~7;
  return at;
}
