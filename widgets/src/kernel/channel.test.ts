import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Channel, KernelError, Stopped } from "./channel.ts";

declare module "./requests.ts" {
  interface Requests {
    count: { args: { upto: number }; part: number; result: string };
  }
}

interface Sent {
  rpc: string;
  id: number;
  name?: string;
  args?: unknown;
}

/** Stands for the model of a widget: remembers what is sent, and answers by hand. */
class FakeModel {
  readonly sent: Sent[] = [];
  private listeners: ((reply: unknown, buffers: DataView[]) => void)[] = [];

  on(_event: string, listener: (reply: unknown, buffers: DataView[]) => void) {
    this.listeners.push(listener);
  }

  off(_event: string, listener: (reply: unknown, buffers: DataView[]) => void) {
    this.listeners = this.listeners.filter((each) => each !== listener);
  }

  send(message: Sent) {
    this.sent.push(message);
  }

  reply(message: unknown, buffers: DataView[] = []) {
    for (const each of this.listeners) each(message, buffers);
  }

  get listening(): number {
    return this.listeners.length;
  }

  /** The number of the last request. */
  get id(): number {
    return this.calls.at(-1)?.id ?? Number.NaN;
  }

  get calls(): Sent[] {
    return this.sent.filter((each) => each.rpc === "call");
  }

  get cancelled(): number[] {
    return this.sent.filter((each) => each.rpc === "cancel").map((each) => each.id);
  }
}

function opened() {
  const model = new FakeModel();
  return { model, channel: new Channel(model as never) };
}

function names(model: FakeModel) {
  return model.calls.map((each) => each.name);
}

/** Mock the timers of a test, so that no request keeps the process alive. */
function still(context: TestContext) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
}

test("a request says its name and arguments, and resolves with the result", async (t) => {
  still(t);
  const { model, channel } = opened();
  const answer = channel.call("count", { upto: 3 });
  assert.deepEqual(model.sent, [
    { rpc: "call", id: model.id, name: "count", args: { upto: 3 } },
  ]);
  model.reply({ rpc: "result", id: model.id, value: "three" });
  assert.equal(await answer, "three");
});

test("parts arrive in order, with their buffers, before the result", async (t) => {
  still(t);
  const { model, channel } = opened();
  const parts: [number, number][] = [];
  const onPart = (part: number, [buffer]: DataView[]) =>
    parts.push([part, buffer?.getUint8(0) ?? -1]);
  const answer = channel.call("count", { upto: 2 }, { onPart });
  for (const value of [1, 2]) {
    const buffer = new DataView(new Uint8Array([value * 10]).buffer);
    model.reply({ rpc: "part", id: model.id, value }, [buffer]);
  }
  model.reply({ rpc: "result", id: model.id, value: "end" });
  await answer;
  assert.deepEqual(parts, [
    [1, 10],
    [2, 20],
  ]);
});

test("an error rejects with the sentence of the kernel", async (t) => {
  still(t);
  const { model, channel } = opened();
  const answer = channel.call("count", { upto: 1 });
  model.reply({ rpc: "error", id: model.id, type: "KeyNotFoundError", message: "no a" });
  await assert.rejects(answer, (error) => {
    assert.ok(error instanceof KernelError);
    assert.equal(error.name, "KeyNotFoundError");
    assert.equal(error.message, "no a");
    return true;
  });
});

test("an error that says nothing is still an error", async (t) => {
  still(t);
  const { model, channel } = opened();
  const answer = channel.call("count", { upto: 1 });
  model.reply({ rpc: "error", id: model.id });
  await assert.rejects(answer, { name: "Error", message: "no reason" });
});

test("a signal cancels the request on both sides", async (t) => {
  still(t);
  const { model, channel } = opened();
  const stop = new AbortController();
  const answer = channel.call("count", { upto: 1 }, { signal: stop.signal });
  stop.abort();
  await assert.rejects(answer, Stopped);
  assert.deepEqual(model.cancelled, [model.id]);
});

test("what was stopped before is not asked at all", async (t) => {
  still(t);
  const { model, channel } = opened();
  const answer = channel.call("count", { upto: 1 }, { signal: AbortSignal.abort() });
  await assert.rejects(answer, Stopped);
  assert.deepEqual(model.sent, []);
});

test("an answer ends a request: stopping it later sends nothing", async (t) => {
  still(t);
  const { model, channel } = opened();
  const stop = new AbortController();
  const answer = channel.call("count", { upto: 1 }, { signal: stop.signal });
  model.reply({ rpc: "result", id: model.id, value: "end" });
  await answer;
  stop.abort();
  assert.deepEqual(model.cancelled, []);
});

test("a new request of a slot ends the one before", async (t) => {
  still(t);
  const { model, channel } = opened();
  const first = channel.call("count", { upto: 1 }, { slot: "level" });
  const id = model.id;
  const other = channel.call("count", { upto: 2 }, { slot: "details" });
  const second = channel.call("count", { upto: 3 }, { slot: "level" });
  await assert.rejects(first, Stopped);
  assert.deepEqual(model.cancelled, [id]);
  model.reply({ rpc: "result", id: model.id, value: "second" });
  assert.equal(await second, "second");
  channel.close();
  await assert.rejects(other, Stopped);
});

test("late answers of a stopped request are ignored", async (t) => {
  still(t);
  const { model, channel } = opened();
  const stop = new AbortController();
  const parts: number[] = [];
  const answer = channel.call(
    "count",
    { upto: 1 },
    { signal: stop.signal, onPart: (part) => parts.push(part) },
  );
  stop.abort();
  await assert.rejects(answer, Stopped);
  model.reply({ rpc: "part", id: model.id, value: 1 });
  model.reply({ rpc: "result", id: model.id, value: "late" });
  assert.deepEqual(parts, []);
});

test("answers to other views of the model are ignored", async (t) => {
  still(t);
  const model = new FakeModel();
  const one = new Channel(model as never);
  const two = new Channel(model as never);
  const first = one.call("count", { upto: 1 });
  const id = model.id;
  const second = two.call("count", { upto: 1 });
  assert.notEqual(id, model.id);
  model.reply({ rpc: "result", id: model.id, value: "for two" });
  assert.equal(await second, "for two");
  model.reply({ rpc: "result", id, value: "for one" });
  assert.equal(await first, "for one");
});

test("numbers of requests are exact integers, and never the same", async (t) => {
  still(t);
  const { model, channel } = opened();
  const answers = [1, 2, 3].map((upto) => channel.call("count", { upto }));
  const ids = model.calls.map((each) => each.id);
  assert.equal(new Set(ids).size, 3);
  assert.ok(ids.every(Number.isSafeInteger));
  channel.close();
  for (const answer of answers) await assert.rejects(answer, Stopped);
});

test("closing stops all and listens no more", async (t) => {
  still(t);
  const { model, channel } = opened();
  const answer = channel.call("count", { upto: 1 });
  channel.close();
  await assert.rejects(answer, Stopped);
  assert.deepEqual(model.cancelled, [model.id]);
  assert.equal(model.listening, 0);
});

test("a kernel that was shut down is not told to stop, and answers no request", async (t) => {
  still(t);
  const { model, channel } = opened();
  const before = channel.call("count", { upto: 1 });
  model.send = () => {
    throw new Error("Cannot send");
  };
  await assert.rejects(channel.call("count", { upto: 2 }), { message: "Cannot send" });
  channel.close();
  await assert.rejects(before, Stopped);
});

test("a busy kernel leaves a greeting unanswered for a second", async (t) => {
  still(t);
  const { model, channel } = opened();
  const said: string[] = [];
  const unsubscribe = channel.onConnection(() => said.push(channel.connection));
  const answer = channel.call("count", { upto: 1 });
  const asked = model.id;
  t.mock.timers.tick(499);
  assert.deepEqual(names(model), ["count"]);
  t.mock.timers.tick(1);
  assert.deepEqual(names(model), ["count", "hello"]);
  t.mock.timers.tick(999);
  assert.deepEqual(said, []);
  t.mock.timers.tick(1);
  assert.deepEqual(said, ["waiting"]);
  model.reply({ rpc: "part", id: asked, value: 1 });
  assert.deepEqual(said, ["waiting", "answering"]);
  model.reply({ rpc: "result", id: asked, value: "end" });
  await answer;
  unsubscribe();
  channel.close();
});

test("a slow store is not taken for a busy kernel", async (t) => {
  still(t);
  const { model, channel } = opened();
  const slow = channel.call("count", { upto: 1 });
  t.mock.timers.tick(500);
  model.reply({ rpc: "result", id: model.id, value: "MemoryStore" });
  t.mock.timers.tick(20_000);
  assert.equal(channel.connection, "answering");
  channel.close();
  await assert.rejects(slow, Stopped);
});

test("one greeting is enough for many requests", async (t) => {
  still(t);
  const { model, channel } = opened();
  const answers = [1, 2, 3].map((upto) => channel.call("count", { upto }));
  t.mock.timers.tick(600);
  assert.deepEqual(names(model), ["count", "count", "count", "hello"]);
  channel.close();
  for (const answer of answers) await assert.rejects(answer, Stopped);
});

test("a kernel that never answered is gone, and one that did is only busy", async (t) => {
  still(t);
  const gone = opened();
  const never = gone.channel.call("hello", {});
  t.mock.timers.tick(15_000);
  assert.equal(gone.channel.connection, "gone");

  const busy = opened();
  const first = busy.channel.call("hello", {});
  busy.model.reply({ rpc: "result", id: busy.model.id, value: "end" });
  await first;
  const second = busy.channel.call("hello", {});
  t.mock.timers.tick(15_000);
  assert.equal(busy.channel.connection, "waiting");
  for (const channel of [gone.channel, busy.channel]) channel.close();
  for (const answer of [never, second]) await assert.rejects(answer, Stopped);
});
