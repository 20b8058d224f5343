/** What some programs put before UTF-8. */
export const BYTE_ORDER_MARK: Buffer = Buffer.of(0xef, 0xbb, 0xbf);
