/**
 * Where things lie in the kernel's memory. Nothing is allocated: what one call works on fits into these areas, which the
 * caller cuts its work to, and what follows them is for the keys that are counted.
 */

/** Most bytes of one call. Half of a large second-level cache: what was copied in is still there when it is copied out. */
export const PIECE_BYTES: u32 = 128 * 1024;

/** Most consumers of one call. */
export const MAX_PARTS: u32 = 256;

/** Most columns of a row that is written: of one that has each column once, there is room for any. */
export const MAX_COLUMNS: u32 = 256;

/** The highest number of such a column: the fields up to it are found first, and where they end is kept. */
export const MAX_COLUMN_NUMBER: u32 = 1024;

/** A record or a row is copied, and bytes are compared, in whole vectors: so much may be read or written behind an end. */
export const SLACK_BYTES: u32 = 64;

/** Numbers that a call gives besides its result. */
export const RESULTS: u32 = 64;

/** For each consumer: bytes, tuples, start in OUT, start in OUT_ENDS; u32 each. */
export const PARTS: u32 = 4096;
export const PART_BYTES: u32 = 16;

/** The text that is looked for. */
export const NEEDLE: u32 = PARTS + MAX_PARTS * PART_BYTES;
export const NEEDLE_BYTES: u32 = 4096;

/** The bytes of a piece. Before it is room for the byte that stands for what came before. */
export const IN: u32 = NEEDLE + NEEDLE_BYTES + SLACK_BYTES;

/** Where the tuples of a piece end, from IN; u32 each. Every byte may be a newline. */
export const ENDS: u32 = IN + PIECE_BYTES + SLACK_BYTES;

/** What comes out: with room behind each consumer's bytes, so that the next one's are not written over; twice the bytes, should each be a quote. */
export const OUT: u32 = ENDS + PIECE_BYTES * 4 + SLACK_BYTES;
export const OUT_BYTES: u32 = PIECE_BYTES * 2 + (MAX_PARTS + 1) * SLACK_BYTES;

/** Where the tuples in OUT end, from the start of their consumer's part; u32 each. */
export const OUT_ENDS: u32 = OUT + OUT_BYTES;

/** The consumer of each tuple; u16 each. */
export const OWNERS: u32 = OUT_ENDS + PIECE_BYTES * 4 + SLACK_BYTES;

/** A key without its quotes. */
export const KEY: u32 = OWNERS + PIECE_BYTES * 2;

/** The columns to be written, from 1; u32 each. */
export const COLUMNS: u32 = KEY + PIECE_BYTES + SLACK_BYTES;

/** The place before a record's first field, and where each of its fields ends; u32 each. */
export const FIELD_ENDS: u32 = COLUMNS + MAX_COLUMNS * 4;

/** The first byte that nothing here has a use for. */
export const HEAP: u32 = FIELD_ENDS + (MAX_COLUMN_NUMBER + 1) * 4;
