/**
 * `tsx test/bench/latency-proxy.ts <port> <to port> <round trip ms>`: a wire of some length on loopback. What comes in goes out
 * half a round trip later, in order, as fast as it came; a process of its own, so that it does not wait for who is measured.
 */
import { connect, createServer, type Socket } from 'node:net';

const most = 16 * 1024 * 1024;

/** Waits in a queue; one timer for the oldest piece. */
function delay(from: Socket, to: Socket, ms: number): void {
  const queue: { readonly at: number; readonly chunk: Buffer | null }[] = [];
  let waiting = 0;
  let timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  const send = (): void => {
    timer = undefined;
    for (;;) {
      const [first] = queue;
      if (first === undefined) break;
      const left = first.at - performance.now();
      if (left > 0) {
        // Timers are late by up to a millisecond: the last of it is spent turning round.
        timer = left > 1.2 ? setTimeout(send, left - 1.1) : setImmediate(send);
        break;
      }
      queue.shift();
      if (first.chunk === null) to.end();
      else {
        to.write(first.chunk);
        waiting -= first.chunk.length;
        if (waiting < most) from.resume();
      }
    }
  };
  const take = (chunk: Buffer | null): void => {
    queue.push({ at: performance.now() + ms, chunk });
    waiting += chunk?.length ?? 0;
    if (waiting > most) from.pause();
    if (timer === undefined) send();
  };
  from.on('data', take);
  from.on('end', () => take(null));
  from.on('error', () => to.destroy());
}

const [port = 0, toPort = 0, roundTripMs = 0] = process.argv.slice(2).map(Number);
createServer((client) => {
  const server = connect({ port: toPort, host: '127.0.0.1', noDelay: true });
  client.setNoDelay(true);
  delay(client, server, roundTripMs / 2);
  delay(server, client, roundTripMs / 2);
}).listen(port, '127.0.0.1', () => console.log('listening'));
