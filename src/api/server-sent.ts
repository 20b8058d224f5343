/** One event as the client reads it: `event: NAME`, `data: JSON` and an empty line. */
export function serverSent({ event, data }: { readonly event: string; readonly data: unknown }): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
