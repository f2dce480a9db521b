// openai-js against a hub: lists, chats, streams, embeds, finishes a tool loop, completes.
// Usage: node openai.mjs HUB MODEL EMBEDDING_MODEL [NODE]     Prints one JSON document.
// "-" as the embedding model: no embeddings. NODE: everything is asked of that node.
import OpenAI from "openai";

const [hub, model, embeddingModel, node] = process.argv.slice(2);
const defaultHeaders = node ? { "x-tutti-node": node } : {};
const client = new OpenAI({ baseURL: `${hub}/v1`, apiKey: process.env.TUTTI_KEY ?? "none", defaultHeaders });
const seen = {};

seen.models = [];
for await (const one of client.models.list()) seen.models.push(one.id);
seen.one = (await client.models.retrieve(model)).id;

const messages = [{ role: "user", content: "What is the answer?" }];
const whole = await client.chat.completions.create({ model, messages, temperature: 0 });
seen.chat = whole.choices[0].message.content;
seen.chatFinish = whole.choices[0].finish_reason;
seen.chatUsage = whole.usage;

// The helper checks roles, finish reasons and indexes as it gathers.
const stream = client.chat.completions.stream({
  model, messages, temperature: 0, stream_options: { include_usage: true },
});
let pieces = 0;
for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) pieces++;
const gathered = await stream.finalChatCompletion();
seen.stream = gathered.choices[0].message.content;
seen.streamPieces = pieces;
seen.streamUsage = gathered.usage;

if (embeddingModel !== "-") {
  const vectors = await client.embeddings.create({ model: embeddingModel, input: ["one", "two"] });
  seen.embeddings = vectors.data.map((entry) => entry.embedding.length);
  seen.embedding = Array.from(vectors.data[0].embedding).slice(0, 4);
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
    const request = { model, messages: talk, tools, temperature: 0 };
    const reply = streamed
      ? await client.chat.completions.stream(request).finalChatCompletion()
      : await client.chat.completions.create(request);
    const { message, finish_reason } = reply.choices[0];
    talk.push(message);
    if (message.tool_calls?.length) {
      for (const call of message.tool_calls) {
        asked.push({ name: call.function.name, ...JSON.parse(call.function.arguments), finish_reason });
        talk.push({ role: "tool", tool_call_id: call.id, content: "18 degrees, sunny" });
      }
    } else answer = message.content;
  }
  seen[streamed ? "toolLoopStreamed" : "toolLoop"] = { asked, answer };
}

// An engine that only chats cannot go on with a text, and must say so.
try {
  const completion = await client.completions.create({ model, prompt: "Who is there?", temperature: 0, max_tokens: 16 });
  seen.completion = completion.choices[0].text;
} catch (e) {
  seen.completion = `refused with ${e.status}`;
}

try {
  await client.chat.completions.create({ model: "no-such-model", messages }, { maxRetries: 0 });
  seen.unknown = "answered";
} catch (e) {
  seen.unknown = { status: e.status, code: e.code, type: e.type };
}
console.log(JSON.stringify(seen));
