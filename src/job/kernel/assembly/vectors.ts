/** What the parts of the kernel have in common: 64 bytes as one mask, one bit a byte, the first byte lowest. */

export const NEWLINE: u8 = 0x0a;
export const CR: u8 = 0x0d;
export const QUOTE: u8 = 0x22;
export const COMMA: u8 = 0x2c;

/** From this length on the engine's own copy is faster than a loop over vectors. */
const LONG_COPY_BYTES: u32 = 512;

@inline
function bitsOf(at: u32, wanted: v128): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), wanted)));
}

/** Which of the 64 bytes from `at` on equal `wanted`, a vector of one byte. */
@inline
export function maskOf(at: u32, wanted: v128): u64 {
  return bitsOf(at, wanted) | (bitsOf(at + 16, wanted) << 16) | (bitsOf(at + 32, wanted) << 32) | (bitsOf(at + 48, wanted) << 48);
}

@inline
function bitsOfEither(at: u32, one: v128, other: v128): u64 {
  const bytes = v128.load(at);
  return <u64>(<u32>i8x16.bitmask(v128.or(i8x16.eq(bytes, one), i8x16.eq(bytes, other))));
}

/** As `maskOf`, for two that are wanted. */
@inline
export function maskOfEither(at: u32, one: v128, other: v128): u64 {
  return bitsOfEither(at, one, other) | (bitsOfEither(at + 16, one, other) << 16) | (bitsOfEither(at + 32, one, other) << 32) | (bitsOfEither(at + 48, one, other) << 48);
}

/** The lowest `count` bits; `count` is 0 to 63. */
@inline
export function lowest(count: u32): u64 {
  return (<u64>1 << count) - 1;
}

/** Each bit tells whether an odd number of bits are set up to and with it. */
@inline
export function oddUpTo(mask: u64): u64 {
  let odd = mask;
  odd ^= odd << 1;
  odd ^= odd << 2;
  odd ^= odd << 4;
  odd ^= odd << 8;
  odd ^= odd << 16;
  odd ^= odd << 32;
  return odd;
}

/** Copies bytes, and up to a vector of whatever follows them. The areas do not overlap. */
@inline
export function copyBytes(to: u32, from: u32, length: u32): void {
  if (length >= LONG_COPY_BYTES) {
    memory.copy(to, from, length);
    return;
  }
  const end = to + length;
  let source = from;
  for (let target = to; target < end; target += 16) {
    v128.store(target, v128.load(source));
    source += 16;
  }
}

/** Whether `length` bytes are equal; up to a vector behind them is read. */
@inline
export function equalBytes(a: u32, b: u32, length: u32): bool {
  let at: u32 = 0;
  while (at < length) {
    const differ = ~i8x16.bitmask(i8x16.eq(v128.load(a + at), v128.load(b + at))) & 0xffff;
    if (differ != 0) return at + <u32>ctz(differ) >= length;
    at += 16;
  }
  return true;
}
