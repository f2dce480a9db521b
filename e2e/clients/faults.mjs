// What each client makes of each fault. Every case is one question to one model, which tells the
// fault, by one way of asking, with a deadline of its own.
// Usage: node faults.mjs HUB MODEL,MODEL,… ANSWER     Prints {WAY: {MODEL: OUTCOME}}.
// OUTCOME is "whole" (the answer is ANSWER), "error: CLASS", a tab and its message, "hangs" or
// "ends: TEXT".
import Anthropic from "@anthropic-ai/sdk";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { ChatOllama } from "@langchain/ollama";
import { ChatOpenAI } from "@langchain/openai";
import { generateText, streamText } from "ai";
import { Ollama } from "ollama";
import { createOllama } from "ollama-ai-provider-v2";
import OpenAI from "openai";

const DEADLINE_MS = 20_000;
const AT_A_TIME = 64;
const QUESTION = "What is the answer?";
const MAX_TOKENS = 64;

const [hub, modelList, expected] = process.argv.slice(2);
const messages = [{ role: "user", content: QUESTION }];

const openai = new OpenAI({ baseURL: `${hub}/v1`, apiKey: "none", maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: hub, apiKey: "none", maxRetries: 0 });
const ollama = new Ollama({ host: hub });
const aiOpenAi = createOpenAI({ baseURL: `${hub}/v1`, apiKey: "none" });
const aiAnthropic = createAnthropic({ baseURL: `${hub}/v1`, apiKey: "none" });
const aiOllama = createOllama({ baseURL: `${hub}/api` });
const langOpenAi = (model) => new ChatOpenAI({
  model, apiKey: "none", maxRetries: 0, configuration: { baseURL: `${hub}/v1` },
});
const langOllama = (model) => new ChatOllama({ model, baseUrl: hub, maxRetries: 0 });

async function gather(parts, text) {
  let all = "";
  for await (const part of await parts) all += text(part) ?? "";
  return all;
}

// The AI SDK tells of errors in the full stream and ends its text stream as if all were well.
async function aiStream(model) {
  const { fullStream } = streamText({ model, prompt: QUESTION, maxRetries: 0, onError: () => {} });
  let all = "";
  for await (const part of fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "text-delta") all += part.text;
  }
  return all;
}

const ways = {
  "openai-js chat": async (model) =>
    (await openai.chat.completions.create({ model, messages })).choices[0].message.content,
  "openai-js chat, stream": (model) =>
    gather(openai.chat.completions.create({ model, messages, stream: true }), (c) => c.choices[0]?.delta.content),
  "openai-js chat, .stream()": async (model) =>
    (await openai.chat.completions.stream({ model, messages }).finalChatCompletion()).choices[0].message.content,
  "openai-js responses": async (model) => (await openai.responses.create({ model, input: QUESTION })).output_text,
  "openai-js responses, stream": (model) =>
    gather(openai.responses.create({ model, input: QUESTION, stream: true }), (e) => {
      if (e.type === "error") throw Object.assign(new Error(e.message), { name: "error event" });
      if (e.type === "response.failed") throw Object.assign(new Error(), { name: "response.failed" });
      return e.type === "response.output_text.delta" ? e.delta : "";
    }),
  "openai-js responses, .stream()": async (model) =>
    completed(await openai.responses.stream({ model, input: QUESTION }).finalResponse()).output_text,
  "anthropic-js messages": async (model) =>
    textOf(await anthropic.messages.create({ model, messages, max_tokens: MAX_TOKENS })),
  "anthropic-js messages, stream": (model) =>
    gather(anthropic.messages.create({ model, messages, max_tokens: MAX_TOKENS, stream: true }), (e) => e.delta?.text),
  "anthropic-js messages, .stream()": async (model) =>
    textOf(await anthropic.messages.stream({ model, messages, max_tokens: MAX_TOKENS }).finalMessage()),
  "ollama-js chat": async (model) => (await ollama.chat({ model, messages })).message.content,
  "ollama-js chat, stream": (model) =>
    gather(ollama.chat({ model, messages, stream: true }), (part) => part.message.content),
  "ollama-js generate, stream": (model) =>
    gather(ollama.generate({ model, prompt: QUESTION, stream: true }), (part) => part.response),
  "AI SDK openai chat": async (model) =>
    (await generateText({ model: aiOpenAi.chat(model), prompt: QUESTION, maxRetries: 0 })).text,
  "AI SDK openai chat, stream": (model) => aiStream(aiOpenAi.chat(model)),
  "AI SDK openai responses, stream": (model) => aiStream(aiOpenAi.responses(model)),
  "AI SDK anthropic, stream": (model) => aiStream(aiAnthropic(model)),
  "AI SDK ollama, stream": (model) => aiStream(aiOllama(model)),
  "LangChain-JS openai": async (model) => (await langOpenAi(model).invoke(QUESTION)).content,
  "LangChain-JS openai, stream": (model) => gather(langOpenAi(model).stream(QUESTION), (chunk) => chunk.content),
  "LangChain-JS ollama, stream": (model) => gather(langOllama(model).stream(QUESTION), (chunk) => chunk.content),
};

function completed(response) {
  if (response.status !== "completed") throw Object.assign(new Error(), { name: `status ${response.status}` });
  return response;
}

function textOf(message) {
  return message.content.filter((block) => block.type === "text").map((block) => block.text).join("");
}

async function outcome(way, model) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(() => resolve("hangs"), DEADLINE_MS); });
  const work = (async () => {
    try {
      const text = await way(model);
      return text === expected ? "whole" : `ends: ${text}`;
    } catch (e) {
      return `error: ${nameOf(e)}\t${String(e?.message).slice(0, 300)}`;
    }
  })();
  const seen = await Promise.race([work, late]);
  clearTimeout(timer);
  return seen;
}

function nameOf(error) {
  const own = error?.constructor?.name;
  return own && own !== "Error" && own !== "Object" ? own : (error?.name ?? String(error));
}

process.on("unhandledRejection", () => {});
const table = {};
const cases = [];
for (const model of modelList.split(",")) {
  for (const name of Object.keys(ways)) {
    cases.push(async () => { (table[name] ??= {})[model] = await outcome(ways[name], model); });
  }
}
await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
  for (let next = cases.shift(); next; next = cases.shift()) await next();
}));
// Whatever a client left open must not keep this process.
process.stdout.write(JSON.stringify(table), () => process.exit(0));
