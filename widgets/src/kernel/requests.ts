// Every request that the kernel answers: what is sent, what a part and the result are.
// Each area of the front end adds its own to `Requests`; a test compares the names with
// the handlers in Python.

// biome-ignore lint/suspicious/noEmptyInterface: other modules add to it
export interface Requests {}

interface Shape {
  args: object;
  part: unknown;
  result: unknown;
}

export type RequestName = keyof Requests;
type Of<N extends RequestName> = Requests[N] extends Shape ? Requests[N] : never;
export type Arguments<N extends RequestName> = Of<N>["args"];
export type Part<N extends RequestName> = Of<N>["part"];
export type Result<N extends RequestName> = Of<N>["result"];

declare module "./requests.ts" {
  interface Requests {
    /** Asked first: whether anybody answers, and by which thread. */
    hello: { args: Record<string, never>; part: never; result: string };
  }
}
