// @anthropic-ai/sdk against a hub: lists, asks, streams, counts, finishes a tool loop.
// Usage: node anthropic.mjs HUB MODEL [NODE]     Prints one JSON document.
// NODE: everything is asked of that node.
import Anthropic from "@anthropic-ai/sdk";

const [hub, model, node] = process.argv.slice(2);
const defaultHeaders = node ? { "x-tutti-node": node } : {};
const client = new Anthropic({ baseURL: hub, apiKey: "none", defaultHeaders });
const seen = {};
const textOf = (message) => message.content.filter((block) => block.type === "text").map((block) => block.text).join("");

seen.models = [];
for await (const one of client.models.list()) seen.models.push({ id: one.id, type: one.type, name: one.display_name, at: one.created_at });
const one = await client.models.retrieve(model);
seen.one = { id: one.id, type: one.type, name: one.display_name };

const messages = [{ role: "user", content: "What is the answer?" }];
const request = { model, messages, max_tokens: 128, temperature: 0 };
const whole = await client.messages.create(request);
seen.message = { text: textOf(whole), stop: whole.stop_reason, usage: whole.usage, role: whole.role, type: whole.type, id: whole.id };

seen.events = [];
let raw = "";
for await (const event of await client.messages.create({ ...request, stream: true })) {
  if (seen.events.at(-1) !== event.type) seen.events.push(event.type);
  if (event.type === "message_start") seen.startUsage = event.message.usage;
  if (event.type === "content_block_start") seen.blockStart = event.content_block;
  if (event.type === "content_block_delta") raw += event.delta.text ?? "";
  if (event.type === "message_delta") seen.deltaUsage = event.usage;
}
seen.raw = raw;

// The helper gathers the message from its events and throws where one is missing.
let pieces = 0;
const stream = client.messages.stream(request).on("text", () => { pieces++; });
const gathered = await stream.finalMessage();
seen.stream = { text: textOf(gathered), stop: gathered.stop_reason, usage: gathered.usage, pieces };

seen.counted = (await client.messages.countTokens({ model, messages })).input_tokens;
seen.system = textOf(await client.messages.create({ ...request, system: [{ type: "text", text: "You are brief." }] }));
seen.beta = textOf(await client.beta.messages.create({ ...request, betas: ["unknown-2026-01-01"] }));

const tools = [{
  name: "get_weather",
  description: "The weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
}];
for (const streamed of [false, true]) {
  const talk = [{ role: "user", content: "How is the weather in Paris?" }];
  const asked = [];
  let answer;
  for (let round = 0; round < 4 && answer === undefined; round++) {
    const turn = { ...request, messages: talk, tools };
    const reply = streamed ? await client.messages.stream(turn).finalMessage() : await client.messages.create(turn);
    talk.push({ role: "assistant", content: reply.content });
    const calls = reply.content.filter((block) => block.type === "tool_use");
    if (calls.length) {
      for (const call of calls) asked.push({ name: call.name, ...call.input, finish_reason: reply.stop_reason });
      talk.push({
        role: "user",
        content: calls.map((call) => ({ type: "tool_result", tool_use_id: call.id, content: "18 degrees, sunny" })),
      });
    } else answer = textOf(reply);
  }
  seen[streamed ? "toolLoopStreamed" : "toolLoop"] = { asked, answer };
}

try {
  await client.messages.create({ ...request, model: "no-such-model" }, { maxRetries: 0 });
  seen.unknown = "answered";
} catch (e) {
  seen.unknown = { class: e.constructor.name, status: e.status, type: e.error?.error?.type, outer: e.error?.type };
}
console.log(JSON.stringify(seen));
