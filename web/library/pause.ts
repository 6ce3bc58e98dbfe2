/** Nothing in; the thread does what else waits, then goes on. */

/** Let the thread do what else waits; a timer would be slowed down to 4 ms each in browsers. */
export async function pause(): Promise<void> {
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
