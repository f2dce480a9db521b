// Thinking, pictures and documents of a given form, by the SDKs' own means.
// Usage: node features.mjs HUB MODEL     Prints {CASE: {…}}. MODEL thinks and sees.
import Anthropic from "@anthropic-ai/sdk";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, Output, streamText } from "ai";
import { Ollama } from "ollama";
import { createOllama } from "ollama-ai-provider-v2";
import OpenAI from "openai";
import { z } from "zod";

const [hub, model] = process.argv.slice(2);
const openai = new OpenAI({ baseURL: `${hub}/v1`, apiKey: "none", maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: hub, apiKey: "none", maxRetries: 0 });
const ollama = new Ollama({ host: hub });
const aiOpenAi = createOpenAI({ baseURL: `${hub}/v1`, apiKey: "none" });
const aiAnthropic = createAnthropic({ baseURL: `${hub}/v1`, apiKey: "none" });
const aiOllama = createOllama({ baseURL: `${hub}/api` });

const question = "What is the answer?";
const messages = [{ role: "user", content: question }];
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const dataUrl = `data:image/png;base64,${pixel}`;
const schema = {
  type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false,
};
const thinking = { type: "enabled", budget_tokens: 1024 };
const max_tokens = 2048;

async function withAiSdk(request) {
  const seen = { thought: "", text: "" };
  for await (const part of streamText({ prompt: question, maxRetries: 0, ...request }).fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "reasoning-delta") seen.thought += part.text;
    if (part.type === "text-delta") seen.text += part.text;
  }
  return seen;
}

const cases = {
  "thinking openai-js chat": async () => {
    const seen = { thought: "", text: "" };
    const request = { model, messages, stream: true, reasoning_effort: "low" };
    for await (const chunk of await openai.chat.completions.create(request)) {
      const delta = chunk.choices[0]?.delta ?? {};
      seen.thought += delta.reasoning_content ?? delta.reasoning ?? "";
      seen.text += delta.content ?? "";
    }
    return seen;
  },
  "thinking openai-js responses": async () => {
    const request = { model, input: question, reasoning: { effort: "low", summary: "auto" }, store: false };
    const first = await openai.responses.stream(request).finalResponse();
    const item = first.output.find((each) => each.type === "reasoning");
    // What was thought goes back with the next turn.
    const input = [...messages, ...first.output, { role: "user", content: "And then?" }];
    const next = await openai.responses.create({ ...request, input });
    const parts = [...(item?.summary ?? []), ...(item?.content ?? [])];
    return { thought: parts.map((part) => part.text).join(""), text: first.output_text, next: next.output_text };
  },
  "thinking anthropic-js": async () => {
    const first = await anthropic.messages.stream({ model, messages, max_tokens, thinking }).finalMessage();
    const talk = [...messages, { role: "assistant", content: first.content }, { role: "user", content: "And then?" }];
    const next = await anthropic.messages.create({ model, messages: talk, max_tokens, thinking });
    const of = (message, type, field) =>
      message.content.filter((block) => block.type === type).map((block) => block[field]).join("");
    return { thought: of(first, "thinking", "thinking"), text: of(first, "text", "text"), next: of(next, "text", "text") };
  },
  "thinking ollama-js": async () => {
    const seen = { thought: "", text: "" };
    for await (const part of await ollama.chat({ model, messages, think: true, stream: true })) {
      seen.thought += part.message.thinking ?? "";
      seen.text += part.message.content;
    }
    return seen;
  },
  "thinking AI SDK openai responses": () =>
    withAiSdk({
      model: aiOpenAi.responses(model),
      providerOptions: { openai: { reasoningEffort: "low", reasoningSummary: "auto", forceReasoning: true, store: false } },
    }),
  "thinking AI SDK anthropic": () =>
    withAiSdk({
      model: aiAnthropic(model), maxOutputTokens: 1024,
      providerOptions: { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } },
    }),
  "thinking AI SDK ollama": () => withAiSdk({ model: aiOllama(model), providerOptions: { ollama: { think: true } } }),

  "picture openai-js chat": async () => ({
    text: (await openai.chat.completions.create({
      model, reasoning_effort: "none",
      messages: [{ role: "user", content: [{ type: "text", text: question }, { type: "image_url", image_url: { url: dataUrl } }] }],
    })).choices[0].message.content,
  }),
  "picture openai-js responses": async () => ({
    text: (await openai.responses.create({
      model, store: false,
      input: [{ role: "user", content: [{ type: "input_text", text: question }, { type: "input_image", image_url: dataUrl, detail: "auto" }] }],
    })).output_text,
  }),
  "picture anthropic-js": async () => ({
    text: (await anthropic.messages.create({
      model, max_tokens,
      messages: [{ role: "user", content: [
        { type: "text", text: question }, { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } },
      ] }],
    })).content.filter((block) => block.type === "text").map((block) => block.text).join(""),
  }),
  "picture ollama-js": async () => ({
    text: (await ollama.chat({ model, think: false, messages: [{ role: "user", content: question, images: [pixel] }] })).message.content,
  }),

  "form openai-js chat": async () => JSON.parse((await openai.chat.completions.create({
    model, messages, response_format: { type: "json_schema", json_schema: { name: "place", schema, strict: true } },
  })).choices[0].message.content),
  "form openai-js responses": async () => JSON.parse((await openai.responses.create({
    model, input: question, store: false, text: { format: { type: "json_schema", name: "place", schema, strict: true } },
  })).output_text),
  "form anthropic-js": async () => JSON.parse((await anthropic.messages.create({
    model, messages, max_tokens, output_config: { format: { type: "json_schema", schema } },
  })).content.find((block) => block.type === "text").text),
  "form ollama-js": async () => JSON.parse((await ollama.chat({ model, messages, think: false, format: schema })).message.content),
  "form AI SDK openai chat": async () => (await generateText({
    model: aiOpenAi.chat(model), prompt: question, maxRetries: 0, output: Output.object({ schema: z.object({ city: z.string() }) }),
  })).output,
};

const seen = {};
for (const [name, ask] of Object.entries(cases)) {
  try {
    seen[name] = await ask();
  } catch (e) {
    seen[name] = { failed: `${e?.constructor?.name} ${e?.status ?? e?.statusCode ?? ""}: ${String(e?.message).slice(0, 300)} ${e?.responseBody ?? ""}` };
  }
}
process.stdout.write(JSON.stringify(seen), () => process.exit(0));
