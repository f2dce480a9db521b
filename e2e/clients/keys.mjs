// openai-js with a key of its own, without one, and where its key is not for that.
// Usage: TUTTI_KEY=… node keys.mjs HUB MODEL     Prints one JSON document.
import OpenAI from "openai";

const [hub, model] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${hub}/v1`, apiKey: process.env.TUTTI_KEY });
const seen = { models: [] };
for await (const one of client.models.list()) seen.models.push(one.id);

const messages = [{ role: "user", content: "What is the answer?" }];
const whole = await client.chat.completions.create({ model, messages, max_tokens: 3 });
seen.chat = whole.choices[0].message.content;

const stranger = new OpenAI({ baseURL: `${hub}/v1`, apiKey: "none", maxRetries: 0 });
await stranger.chat.completions.create({ model, messages }).catch((error) => {
  seen.missing = error.status;
  seen.missingCode = error.code;
});
seen.forbidden = (await fetch(`${hub}/mesh/v1/nodes`, {
  headers: { authorization: `Bearer ${process.env.TUTTI_KEY}` },
})).status;
console.log(JSON.stringify(seen));
