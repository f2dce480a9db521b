// ollama-js against a hub: lists, shows, chats, generates, streams, embeds, finishes a tool loop.
// Usage: node ollama.mjs HUB MODEL EMBEDDING_MODEL [NODE]     Prints one JSON document.
// "-" as the embedding model: no embeddings. NODE: everything is asked of that node.
import { Ollama } from "ollama";

const [hub, model, embeddingModel, node] = process.argv.slice(2);
const client = new Ollama({ host: hub, headers: node ? { "x-tutti-node": node } : {} });
const seen = {};

seen.version = (await client.version()).version;
seen.models = (await client.list()).models.map((one) => one.name);
seen.shown = (await client.show({ model })).capabilities;
seen.running = (await client.ps()).models.map((one) => one.name);

const messages = [{ role: "user", content: "What is the answer?" }];
const options = { temperature: 0 };
const whole = await client.chat({ model, messages, options });
seen.chat = whole.message.content;
seen.done = { done: whole.done, reason: whole.done_reason, count: whole.eval_count };
seen.echoed = whole.model;

let text = "";
let pieces = 0;
for await (const part of await client.chat({ model, messages, options, stream: true })) {
  text += part.message.content;
  if (part.message.content) pieces++;
}
seen.stream = text;
seen.streamPieces = pieces;

seen.generate = (await client.generate({ model, prompt: "What is the answer?", options })).response;

if (embeddingModel !== "-") {
  const vectors = await client.embed({ model: embeddingModel, input: ["one", "two"] });
  seen.embeddings = vectors.embeddings.map((vector) => vector.length);
  seen.legacyEmbedding = (await client.embeddings({ model: embeddingModel, prompt: "one" })).embedding.length;
}

const tools = [{
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
}];
for (const streamed of [false, true]) {
  const talk = [{ role: "user", content: "How is the weather in Paris?" }];
  const asked = [];
  let answer;
  for (let round = 0; round < 4 && answer === undefined; round++) {
    const request = { model, messages: talk, tools, options };
    const message = streamed ? await gather(request) : (await client.chat(request)).message;
    talk.push(message);
    if (message.tool_calls?.length) {
      for (const call of message.tool_calls) {
        asked.push({ name: call.function.name, ...call.function.arguments });
        talk.push({ role: "tool", tool_name: call.function.name, content: "18 degrees, sunny" });
      }
    } else answer = message.content;
  }
  seen[streamed ? "toolLoopStreamed" : "toolLoop"] = { asked, answer };
}

async function gather(request) {
  const message = { role: "assistant", content: "", tool_calls: [] };
  for await (const part of await client.chat({ ...request, stream: true })) {
    message.content += part.message.content ?? "";
    message.tool_calls.push(...(part.message.tool_calls ?? []));
  }
  return message;
}

try {
  await client.chat({ model: "no-such-model", messages });
  seen.unknown = "answered";
} catch (e) {
  seen.unknown = { status: e.status_code, error: e.error };
}
console.log(JSON.stringify(seen));
