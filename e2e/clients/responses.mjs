// openai-js' responses against a hub: asks, streams, finishes a tool loop, and openai-js' helper
// that runs tools by itself over chat completions.
// Usage: node responses.mjs HUB MODEL [NODE]     Prints one JSON document.
import OpenAI from "openai";

const [hub, model, node] = process.argv.slice(2);
const defaultHeaders = node ? { "x-tutti-node": node } : {};
const client = new OpenAI({ baseURL: `${hub}/v1`, apiKey: "none", defaultHeaders });
const seen = {};

const request = { model, input: "What is the answer?", temperature: 0, store: false };
const whole = await client.responses.create(request);
seen.response = { text: whole.output_text, status: whole.status, usage: whole.usage, object: whole.object };

seen.events = [];
seen.sequence = [];
let raw = "";
for await (const event of await client.responses.create({ ...request, stream: true })) {
  if (seen.events.at(-1) !== event.type) seen.events.push(event.type);
  seen.sequence.push(event.sequence_number);
  if (event.type === "response.output_text.delta") raw += event.delta;
}
seen.raw = raw;

const gathered = await client.responses.stream(request).finalResponse();
seen.stream = { text: gathered.output_text, status: gathered.status, usage: gathered.usage };

const parameters = {
  type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false,
};
const description = "The weather of a city";
const tools = [{ type: "function", name: "get_weather", description, parameters, strict: true }];
for (const streamed of [false, true]) {
  const input = [{ role: "user", content: "How is the weather in Paris?" }];
  const asked = [];
  let answer;
  for (let round = 0; round < 4 && answer === undefined; round++) {
    const turn = { ...request, input, tools };
    const reply = streamed ? await client.responses.stream(turn).finalResponse() : await client.responses.create(turn);
    input.push(...reply.output);
    const calls = reply.output.filter((item) => item.type === "function_call");
    for (const call of calls) {
      asked.push({ name: call.name, ...JSON.parse(call.arguments) });
      input.push({ type: "function_call_output", call_id: call.call_id, output: "18 degrees, sunny" });
    }
    if (!calls.length) answer = reply.output_text;
  }
  seen[streamed ? "toolLoopStreamed" : "toolLoop"] = { asked, answer };
}

// The helper calls the function itself and goes on until there is an answer.
const ran = [];
const runner = client.chat.completions.runTools({
  model, temperature: 0, stream: true,
  messages: [{ role: "user", content: "How is the weather in Paris?" }],
  tools: [{
    type: "function",
    function: {
      name: "get_weather", description, parameters, parse: JSON.parse,
      function: ({ city }) => { ran.push({ name: "get_weather", city }); return "18 degrees, sunny"; },
    },
  }],
});
seen.runTools = { asked: ran, answer: await runner.finalContent() };

for (const [name, wrong] of Object.entries({
  unknown: { ...request, model: "no-such-model" },
  stateful: { ...request, previous_response_id: "resp_0" },
})) {
  try {
    await client.responses.create(wrong, { maxRetries: 0 });
    seen[name] = "answered";
  } catch (e) {
    seen[name] = { status: e.status, code: e.code, type: e.type, param: e.param };
  }
}
console.log(JSON.stringify(seen));
