import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FRAME, FrameDecoder, encodeHeader } from '../../src/wire/frame.ts';
import { dial, type Address } from '../../src/wire/handshake.ts';
import { WIRE_VERSION } from '../../src/wire/hello.ts';
import { DataListener, type ConnectionTaker } from '../../src/worker/data-listener.ts';

const open = new AbortController().signal;

/** Listens for job `j` with secret `s`; `taken` are the workers that were let in. */
async function listening(handshakeMs?: number): Promise<{ address: Address; taken: string[] }> {
  const taken: string[] = [];
  const job: ConnectionTaker = {
    maxFrameBytes: 1000,
    accept(worker, secret, greeted) {
      if (secret !== 's') return 'the secret is not this job\'s';
      const { socket } = greeted();
      onTestFinished(() => void socket.destroy());
      taken.push(worker);
      return undefined;
    },
  };
  const listener = new DataListener((name) => (name === 'j' ? job : undefined), handshakeMs);
  const port = await listener.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => listener.close());
  return { address: { host: '127.0.0.1', port }, taken };
}

async function letIn(address: Address, worker: string): Promise<Socket> {
  const { socket } = await dial(address, { job: 'j', secret: 's', worker }, 1000, open);
  onTestFinished(() => void socket.destroy());
  return socket;
}

describe('the port for tuples', () => {
  test('lets workers of the job in', async () => {
    const { address, taken } = await listening();
    await letIn(address, 'w-1');
    await letIn(address, 'w-2');
    expect(taken).toEqual(['w-1', 'w-2']);
  });

  test.each([
    ['an unknown job', { job: 'k', secret: 's' }, 'job k is not known here'],
    ['a wrong secret', { job: 'j', secret: 'x' }, 'the secret is not this job\'s'],
  ])('refuses %s and says why', async (_, hello, reason) => {
    const { address, taken } = await listening();
    await expect(dial(address, { ...hello, worker: 'w' }, 1000, open)).rejects.toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining(reason) });
    expect(taken).toEqual([]);
  });

  test('tells another version which one it speaks', async () => {
    const { address } = await listening();
    const message = Buffer.from(JSON.stringify({ version: WIRE_VERSION + 1, job: 'j', secret: 's', worker: 'w' }));
    const caller = connect(address);
    caller.write(Buffer.concat([encodeHeader(FRAME.hello, 0, 0, 0, message), message]));
    const decoder = new FrameDecoder(1000);
    const answers: string[] = [];
    caller.on('data', (chunk: Buffer) => decoder.push(chunk, ({ type, payload }) => answers.push(`${type} ${payload.toString()}`)));
    await once(caller, 'close');
    expect(answers).toEqual([`${FRAME.refused} the other worker speaks version ${WIRE_VERSION + 1}, this one ${WIRE_VERSION}`]);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['garbage', (socket) => socket.write(Buffer.alloc(1000, 7))],
    ['an HTTP request', (socket) => socket.write('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')],
    ['a stranger that is gone before it is answered', (socket) => {
      const message = Buffer.from(JSON.stringify({ version: WIRE_VERSION, job: 'k', secret: 's', worker: 'w' }));
      socket.write(Buffer.concat([encodeHeader(FRAME.hello, 0, 0, 0, message), message]), () => socket.resetAndDestroy());
    }],
  ])('hangs up on %s and goes on', async (_, say) => {
    const { address, taken } = await listening();
    for (let stranger = 0; stranger < 20; stranger++) {
      const caller = connect(address);
      caller.on('error', () => undefined);
      caller.resume();
      say(caller);
      await once(caller, 'close');
    }
    await letIn(address, 'w');
    expect(taken).toEqual(['w']);
  });

  test('hangs up on one who says nothing', async () => {
    const { address } = await listening(20);
    const caller = connect(address);
    caller.resume();
    await once(caller, 'close');
  });

  test('says which port is in use', async () => {
    const { address } = await listening();
    await expect(new DataListener(() => undefined).listen(address)).rejects.toMatchObject({ code: 'PORT_IN_USE', message: expect.stringContaining(String(address.port)) });
  });

  test('closes every connection that it has taken when it ends', async () => {
    const listener = new DataListener(() => undefined, 60_000);
    const port = await listener.listen({ host: '127.0.0.1', port: 0 });
    const caller = connect({ host: '127.0.0.1', port });
    await once(caller, 'connect');
    caller.resume();
    listener.close();
    await once(caller, 'close');
  });
});
