// The AI SDK and LangChain-JS against a hub, each in the dialects it has.
// Usage: node frameworks.mjs HUB MODEL [NODE]     Prints {DIALECT: {…}}.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool as langTool } from "@langchain/core/tools";
import { ChatOllama } from "@langchain/ollama";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { createOllama } from "ollama-ai-provider-v2";
import { z } from "zod";

const [hub, model, node] = process.argv.slice(2);
const headers = node ? { "x-tutti-node": node } : {};
const question = "What is the answer?";
const weather = "How is the weather in Paris?";
const openai = createOpenAI({ baseURL: `${hub}/v1`, apiKey: "none", headers });
const anthropic = createAnthropic({ baseURL: `${hub}/v1`, apiKey: "none", headers });
const ollama = createOllama({ baseURL: `${hub}/api`, headers });

async function withAiSdk(languageModel) {
  const whole = await generateText({ model: languageModel, prompt: question, temperature: 0 });
  let stream = "";
  let pieces = 0;
  const streamed = streamText({ model: languageModel, prompt: question, temperature: 0 });
  for await (const part of streamed.fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "text-delta") { stream += part.text; pieces++; }
  }
  const asked = [];
  const tools = {
    get_weather: tool({
      description: "The weather of a city",
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => { asked.push({ name: "get_weather", city }); return "18 degrees, sunny"; },
    }),
  };
  const loop = streamText({ model: languageModel, prompt: weather, temperature: 0, tools, stopWhen: stepCountIs(4) });
  let answer = "";
  for await (const part of loop.fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "text-delta") answer += part.text;
  }
  return {
    text: whole.text, finish: whole.finishReason, usage: whole.usage, stream, pieces,
    streamFinish: await streamed.finishReason, streamUsage: await streamed.usage, toolLoop: { asked, answer },
  };
}

async function withLangChain(chat) {
  const whole = await chat.invoke(question);
  let stream = "";
  let pieces = 0;
  for await (const chunk of await chat.stream(question)) {
    stream += chunk.content;
    if (chunk.content) pieces++;
  }
  const getWeather = langTool(async () => "18 degrees, sunny", {
    name: "get_weather", description: "The weather of a city", schema: z.object({ city: z.string() }),
  });
  const bound = chat.bindTools([getWeather]);
  const talk = [new HumanMessage(weather)];
  const asked = [];
  let answer;
  for (let round = 0; round < 4 && answer === undefined; round++) {
    const reply = await bound.invoke(talk);
    talk.push(reply);
    for (const call of reply.tool_calls ?? []) {
      asked.push({ name: call.name, ...call.args });
      talk.push(new ToolMessage({ tool_call_id: call.id, name: call.name, content: "18 degrees, sunny" }));
    }
    if (!reply.tool_calls?.length) answer = reply.content;
  }
  return { text: whole.content, usage: whole.usage_metadata, stream, pieces, toolLoop: { asked, answer } };
}

const ways = {
  "AI SDK openai chat": () => withAiSdk(openai.chat(model)),
  "AI SDK openai responses": () => withAiSdk(openai.responses(model)),
  "AI SDK anthropic": () => withAiSdk(anthropic(model)),
  "AI SDK ollama": () => withAiSdk(ollama(model)),
  "LangChain-JS openai": () =>
    withLangChain(new ChatOpenAI({
      model, apiKey: "none", temperature: 0, configuration: { baseURL: `${hub}/v1`, defaultHeaders: headers },
    })),
  "LangChain-JS ollama": () => withLangChain(new ChatOllama({ model, baseUrl: hub, temperature: 0, headers })),
};
const seen = {};
for (const [name, way] of Object.entries(ways)) {
  try {
    seen[name] = await way();
  } catch (e) {
    seen[name] = { failed: `${e?.name}: ${e?.message} ${e?.responseBody ?? ""}` };
  }
}
process.stdout.write(JSON.stringify(seen), () => process.exit(0));
