import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FRAME, FrameDecoder, encodeHeader, type FrameType } from '../../src/wire/frame.ts';
import { dial, readHello, refuse, welcome, type Address } from '../../src/wire/handshake.ts';
import { WIRE_VERSION, isSameSecret, parseHello, type Hello } from '../../src/wire/hello.ts';

const HELLO = { job: 'j', secret: 's', worker: 'w-1' };
const SOON_MS = 30;
const LONG_MS = 60_000;
const open = new AbortController().signal;

/** A server that does this with each connection. */
async function serving(handle: (socket: Socket) => void): Promise<Address> {
  const server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** What `readHello` makes of a connection on which this is said. */
async function heard(say: (socket: Socket) => void, handshakeMs = LONG_MS): Promise<Hello> {
  const { promise, resolve, reject } = Promise.withResolvers<Hello>();
  const address = await serving((socket) => {
    readHello(socket, handshakeMs).then(resolve, reject);
    onTestFinished(() => void socket.destroy());
  });
  const caller = connect(address);
  caller.on('error', () => undefined);
  onTestFinished(() => void caller.destroy());
  say(caller);
  return await promise;
}

function frame(type: FrameType, payload: string): Buffer {
  return Buffer.concat([encodeHeader(type, 0, 0, 0, Buffer.from(payload)), Buffer.from(payload)]);
}

const hello = (version = WIRE_VERSION) => JSON.stringify({ version, ...HELLO });

describe('who is called', () => {
  test('hears a hello, however it is cut, and leaves what follows unread', async () => {
    const bytes = frame(FRAME.hello, hello());
    expect(await heard((socket) => socket.write(bytes))).toEqual({ version: WIRE_VERSION, ...HELLO });
    const following = Promise.withResolvers<string>();
    const address = await serving((socket) => {
      void readHello(socket).then(() => socket.once('data', (rest: Buffer) => following.resolve(rest.toString())));
      onTestFinished(() => void socket.destroy());
    });
    const caller = connect(address);
    caller.write(Buffer.concat([bytes, Buffer.from('what follows')]));
    expect(await following.promise).toBe('what follows');
    caller.destroy();
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['garbage', (socket) => socket.write(Buffer.alloc(64, 0xa5)), 'PROTOCOL'],
    ['an HTTP request', (socket) => socket.write('GET / HTTP/1.1\r\nhost: 127.0.0.1:1\r\n\r\n'), 'PROTOCOL'],
    ['a TLS client', (socket) => socket.write(Buffer.from('16030100f8010000f40303aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'hex')), 'PROTOCOL'],
    ['a hello that is larger than any', (socket) => socket.write(frame(FRAME.hello, `${hello()}${' '.repeat(5000)}`)), 'PROTOCOL'],
    ['a hello of another version', (socket) => socket.write(frame(FRAME.hello, hello(99))), 'PROTOCOL'],
    ['a hello that is no JSON', (socket) => socket.write(frame(FRAME.hello, '{')), 'PROTOCOL'],
    ['a hello without a name', (socket) => socket.write(frame(FRAME.hello, JSON.stringify({ version: WIRE_VERSION, job: 'j', secret: 's' }))), 'PROTOCOL'],
    ['another frame', (socket) => socket.write(frame(FRAME.welcome, hello())), 'PROTOCOL'],
    ['a connection that is closed at once', (socket) => socket.end(), 'UNREACHABLE'],
    ['a connection that is closed within its hello', (socket) => socket.end(frame(FRAME.hello, hello()).subarray(0, 40)), 'UNREACHABLE'],
    ['a connection that is reset', (socket) => socket.once('connect', () => socket.resetAndDestroy()), 'UNREACHABLE'],
  ])('takes %s for no hello', async (_, say, code) => {
    await expect(heard(say)).rejects.toMatchObject({ code });
  });

  test('does not wait for one who says nothing, or half of it', async () => {
    await expect(heard(() => undefined, SOON_MS)).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining(`${SOON_MS} ms`) });
    await expect(heard((socket) => socket.write(frame(FRAME.hello, hello()).subarray(0, 40)), SOON_MS)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('who calls', () => {
  test('is welcomed, and what follows the welcome is the connection\'s', async () => {
    const address = await serving((socket) => {
      void readHello(socket).then(({ worker }) => {
        welcome(socket, 1000);
        socket.write(frame(FRAME.open, `for ${worker}`));
      });
      onTestFinished(() => void socket.destroy());
    });
    const { socket, decoder } = await dial(address, HELLO, 1000, open);
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.on('data', (chunk: Buffer) => decoder.push(chunk, ({ payload }) => resolve(payload.toString())));
    expect(await promise).toBe('for w-1');
    socket.destroy();
  });

  test('is told why it is refused', async () => {
    const address = await serving((socket) => void readHello(socket).then(() => refuse(socket, 'we do not know you')));
    await expect(dial(address, HELLO, 1000, open)).rejects.toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('refused the connection: we do not know you') });
  });

  test('gets no connection half open when it is refused', async () => {
    const address = await serving((socket) => void readHello(socket).then(() => refuse(socket, 'no')));
    const caller = connect({ ...address, allowHalfOpen: true });
    caller.on('error', () => undefined);
    caller.write(frame(FRAME.hello, hello()));
    const decoder = new FrameDecoder(1000);
    caller.on('data', (chunk: Buffer) => decoder.push(chunk, ({ payload }) => expect(payload.toString()).toBe('no')));
    await once(caller, 'end');
    // Nobody is there any more, which shows as soon as something is said.
    const { promise, resolve } = Promise.withResolvers<void>();
    caller.once('close', () => resolve());
    const talking = setInterval(() => caller.write('still there?'), 1);
    await promise;
    clearInterval(talking);
  });

  test.each<[string, (socket: Socket) => void, string]>([
    ['one who hangs up', (socket) => socket.end(), 'UNREACHABLE'],
    ['one who answers something else', (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'PROTOCOL'],
    ['one who answers with another frame', (socket) => socket.write(frame(FRAME.stop, '')), 'PROTOCOL'],
    ['one who says nothing', () => undefined, 'UNREACHABLE'],
  ])('gives up on %s', async (_, answer, code) => {
    const address = await serving((socket) => {
      socket.on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
      answer(socket);
    });
    await expect(dial(address, HELLO, 1000, open, code === 'UNREACHABLE' ? SOON_MS : LONG_MS)).rejects.toMatchObject({ code });
  });

  test('gives up where nobody listens, and at once when it is to end', async () => {
    const address = await serving(() => undefined);
    await expect(dial({ ...address, port: 1 }, HELLO, 1000, open)).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('127.0.0.1:1') });
    const over = new AbortController();
    const dialing = dial(address, HELLO, 1000, over.signal);
    over.abort();
    await expect(dialing).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
});

test('a secret is the same only if every byte is', () => {
  expect(isSameSecret('abc', 'abc')).toBe(true);
  for (const wrong of ['', 'abd', 'ab', 'abcd', 'äbc']) expect(isSameSecret(wrong, 'abc')).toBe(false);
});

test('another version is told from what is no hello at all', () => {
  expect(() => parseHello(Buffer.from(hello(99)))).toThrow(expect.objectContaining({ message: 'the other worker speaks version 99, this one 1', hint: expect.stringContaining('same version') }));
  expect(() => parseHello(Buffer.from('null'))).toThrow(expect.objectContaining({ code: 'PROTOCOL' }));
});
