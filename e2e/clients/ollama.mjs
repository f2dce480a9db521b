// ollama-js against a hub: lists, shows, chats, generates, streams, embeds, finishes a tool loop.
// Usage: node ollama.mjs HUB MODEL EMBEDDING_MODEL     Prints one JSON document.
import { Ollama } from "ollama";

const [hub, model, embeddingModel] = process.argv.slice(2);
const client = new Ollama({ host: hub });
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
const talk = [{ role: "user", content: "How is the weather in Paris?" }];
const asked = [];
let answer;
for (let round = 0; round < 4 && answer === undefined; round++) {
  const { message } = await client.chat({ model, messages: talk, tools, options });
  talk.push(message);
  if (message.tool_calls?.length) {
    for (const call of message.tool_calls) {
      asked.push({ name: call.function.name, ...call.function.arguments });
      talk.push({ role: "tool", tool_name: call.function.name, content: "18 degrees, sunny" });
    }
  } else answer = message.content;
}
seen.toolLoop = { asked, answer };

try {
  await client.chat({ model: "no-such-model", messages });
  seen.unknown = "answered";
} catch (e) {
  seen.unknown = { status: e.status_code, error: e.error };
}
console.log(JSON.stringify(seen));
