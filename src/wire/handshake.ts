/**
 * The first words on a connection: the side that dials says who it is and proves that it belongs to the job,
 * the other welcomes it or says why not and hangs up.
 */
import { connect, type Socket } from 'node:net';
import { RainstormError, messageOf } from '../base/errors.ts';
import { FRAME, FrameDecoder, encodeHeader, type Frame, type FrameType } from './frame.ts';
import { WIRE_VERSION, parseHello, type Hello } from './hello.ts';

/** A handshake is two small messages; who takes longer is stuck or no worker. */
const HANDSHAKE_MS = 5_000;

/** Before the handshake a stranger may be talking: it gets room for a hello and no more. */
const MAX_HELLO_BYTES = 4096;

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Greeted {
  readonly socket: Socket;
  readonly decoder: FrameDecoder;
}

/** Dials a worker. Throws UNREACHABLE if nobody answers in time, PROTOCOL if it refuses. */
export async function dial(
  address: Address,
  hello: Omit<Hello, 'version'>,
  maxPayloadBytes: number,
  signal: AbortSignal,
  handshakeMs: number = HANDSHAKE_MS,
): Promise<Greeted> {
  const socket = connect({ host: address.host, port: address.port, signal });
  const message = Buffer.from(JSON.stringify({ version: WIRE_VERSION, ...hello }));
  socket.write(encodeHeader(FRAME.hello, 0, 0, 0, message));
  socket.write(message);
  const answer = await firstFrame(socket, address, handshakeMs);
  if (answer.type === FRAME.welcome) return { socket, decoder: new FrameDecoder(maxPayloadBytes) };
  socket.destroy();
  throw new RainstormError('PROTOCOL', `the worker at ${address.host}:${address.port} refused the connection: ${reasonOf(answer)}`);
}

/** Reads the hello of a connection that came in. Throws PROTOCOL for anything else, UNREACHABLE if nothing comes in time. */
export async function readHello(socket: Socket, handshakeMs: number = HANDSHAKE_MS): Promise<Hello> {
  const frame = await firstFrame(socket, { host: socket.remoteAddress ?? '?', port: socket.remotePort ?? 0 }, handshakeMs);
  if (frame.type !== FRAME.hello) throw new RainstormError('PROTOCOL', 'a connection began with something else than a hello');
  return parseHello(frame.payload);
}

export function welcome(socket: Socket, maxPayloadBytes: number): Greeted {
  sendMessage(socket, FRAME.welcome, '');
  return { socket, decoder: new FrameDecoder(maxPayloadBytes) };
}

export function refuse(socket: Socket, reason: string): void {
  sendMessage(socket, FRAME.refused, reason);
  // Closed for good once that is out: a stranger does not keep half a connection open here.
  socket.destroySoon();
}

function sendMessage(socket: Socket, type: FrameType, message: string): void {
  const payload = Buffer.from(message);
  socket.write(Buffer.concat([encodeHeader(type, 0, 0, 0, payload), payload]));
}

function reasonOf(frame: Frame): string {
  return frame.type === FRAME.refused ? frame.payload.toString() : `unexpected frame ${frame.type}`;
}

/** Waits for one frame and stops reading right behind it, so that what follows is the connection's. */
function firstFrame(socket: Socket, address: Address, handshakeMs: number): Promise<Frame> {
  const { promise, resolve, reject } = Promise.withResolvers<Frame>();
  const decoder = new FrameDecoder(MAX_HELLO_BYTES);
  const fail = (error: unknown) => {
    cleanUp();
    socket.destroy();
    const code = error instanceof RainstormError ? error.code : 'UNREACHABLE';
    reject(new RainstormError(code, `no handshake with ${address.host}:${address.port}: ${messageOf(error)}`, { cause: error }));
  };
  const closed = () => fail(new Error('the connection was closed'));
  const timer = setTimeout(() => fail(new Error(`no answer within ${handshakeMs} ms`)), handshakeMs);
  const readable = () => {
    try {
      const frame = readOne(socket, decoder);
      if (frame === undefined) return;
      cleanUp();
      resolve(frame);
    } catch (error) {
      fail(error);
    }
  };
  const cleanUp = () => {
    clearTimeout(timer);
    socket.off('error', fail);
    socket.off('close', closed);
    socket.off('readable', readable);
  };
  // Stays when the handshake is over: a socket that was refused, or is just being handed on, may still be reset, and an
  // 'error' that nobody listens to would end the process. Whoever takes the socket over has listeners of its own.
  socket.on('error', () => undefined);
  socket.on('error', fail);
  socket.on('close', closed);
  socket.on('readable', readable);
  return promise;
}

function readOne(socket: Socket, decoder: FrameDecoder): Frame | undefined {
  for (;;) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return undefined;
    const { frame, usedBytes } = decoder.pushUntilFrame(chunk);
    if (frame === undefined) continue;
    if (usedBytes < chunk.length) socket.unshift(chunk.subarray(usedBytes));
    return frame;
  }
}
