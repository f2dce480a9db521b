// How often SDKs with their usual settings try again. Every request is counted where it leaves.
// Usage: node retries.mjs HUB MODEL openai|anthropic     Prints {CASE: {requests, gaps, waits, mayRetry, status}}.
// The one slot of MODEL must be taken when this starts, and free some seconds later.
// gaps: milliseconds between a request and the answer before; waits: those that each was told.
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const [hub, model] = process.argv.slice(2);
const messages = [{ role: "user", content: "What is the answer?" }];

async function count(make, ask) {
  const seen = { requests: 0, gaps: [], waits: [], mayRetry: [] };
  let last;
  const fetch = async (...words) => {
    if (last !== undefined) seen.gaps.push(Math.round(performance.now() - last));
    const response = await globalThis.fetch(...words);
    last = performance.now();
    seen.requests++;
    const { headers } = response;
    seen.waits.push(Number(headers.get("retry-after-ms") ?? 1000 * (headers.get("retry-after") ?? 0)));
    seen.mayRetry.push(response.headers.get("x-should-retry") ?? "");
    return response;
  };
  try {
    await ask(make(fetch));
    seen.status = 200;
  } catch (e) {
    seen.status = e.status;
  }
  return seen;
}

// No wait in the hub's queue: what is asked is how the client waits.
const defaultHeaders = { "x-tutti-ttl-ms": "0" };
const openai = (fetch) => new OpenAI({ baseURL: `${hub}/v1`, apiKey: "none", fetch, defaultHeaders });
const anthropic = (fetch) => new Anthropic({ baseURL: hub, apiKey: "none", fetch, defaultHeaders });
const chat = (name) => (client) => client.chat.completions.create({ model: name, messages });
const message = (name) => (client) => client.messages.create({ model: name, messages, max_tokens: 4 });

const busy = process.argv[4] === "anthropic" ? [anthropic, message(model)] : [openai, chat(model)];
console.log(JSON.stringify({
  busy: await count(...busy),
  "openai unknown": await count(openai, chat("no-such-model")),
  "anthropic unknown": await count(anthropic, message("no-such-model")),
}));
