/** The part of WebAssembly that the kernel needs. The compiler knows it only together with a browser. */

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}

export interface WebAssemblyModule {
  readonly kind?: 'module';
}

interface WebAssemblyApi {
  validate(binary: Uint8Array): boolean;
  readonly Module: new (binary: Uint8Array) => WebAssemblyModule;
  readonly Memory: new (pages: { initial: number; maximum: number }) => WebAssemblyMemory;
  readonly Instance: new (module: WebAssemblyModule, imports: { env: { memory: WebAssemblyMemory } }) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** Undefined in a process that was started without a compiler (`--jitless`). */
export const webAssembly: WebAssemblyApi | undefined = (globalThis as unknown as { WebAssembly: WebAssemblyApi | undefined }).WebAssembly;
