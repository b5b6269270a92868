// page: GETs that are asked for in one turn travel as one POST /v1/page, each with its own status.
import type { Place } from './place.svelte';

export interface Reply {
  status: number;
  body: unknown; // null: the answer is not JSON
}
interface Waiting {
  path: string;
  signal: AbortSignal | undefined;
  done: (reply: Reply) => void;
  fail: (cause: unknown) => void;
}
const most = 16; // parts of one POST
let waiting: Waiting[] = [];
const ahead = new Map<string, Promise<Reply>>();

async function read(reply: Response): Promise<Reply> {
  return { status: reply.status, body: await reply.json().catch(() => null) };
}

async function alone({ path, signal, done, fail }: Waiting): Promise<void> {
  await fetch(path, { signal: signal ?? null, headers: { accept: 'application/json' } }).then(read).then(done, fail);
}

async function together(all: Waiting[]): Promise<void> {
  try {
    const parts = [...new Set(all.map((one) => one.path))];
    const reply = await read(await fetch('/v1/page', { method: 'POST', body: JSON.stringify({ parts }) }));
    const found = (reply.body as { parts?: (Reply & { path: string })[] } | null)?.parts;
    for (const one of all) {
      if (one.signal?.aborted) one.fail(one.signal.reason);
      else one.done(found?.find((part) => part.path === one.path) ?? { status: reply.status, body: reply.body });
    }
  } catch (cause) {
    for (const one of all) one.fail(cause);
  }
}

function flush(): void {
  const all = waiting;
  waiting = [];
  for (let i = 0; i < all.length; i += most) {
    const some = all.slice(i, i + most);
    void (some.length === 1 ? alone(some[0]!) : together(some));
  }
}

/** What a GET answers; one that was asked for ahead is not asked for again. */
export function ask(path: string, signal?: AbortSignal): Promise<Reply> {
  const known = ahead.get(path);
  ahead.delete(path);
  return (
    known ??
    new Promise((done, fail) => {
      if (waiting.push({ path, signal, done, fail }) === 1) queueMicrotask(flush);
    })
  );
}

/** What pages show first, besides the frame: files that the server passes on as they are. */
const first: Partial<Record<Place['page'], string[]>> = {
  home: ['/v1/insights'],
  reviews: ['/v1/reviews', '/v1/reviews/trends', '/v1/reviews/topics', '/v1/reviews/aspects', '/v1/reviews/toxicity'],
  forecast: ['/v1/alerts?limit=1000'],
  funnel: ['/v1/funnel'],
  trends: ['/v1/trends?part=page'],
  prices: ['/v1/prices'],
  baskets: ['/v1/baskets'],
  data: ['/v1/data'],
  system: ['/v1/runs'],
};

/** Asks for them with the frame, in the same POST. */
export function askAhead(page: Place['page']): void {
  for (const path of first[page] ?? []) {
    const reply = ask(path);
    reply.catch(() => ahead.delete(path));
    ahead.set(path, reply);
  }
}
