// openai-js against a hub: uploads a file, makes a batch of it, waits, reads what came of it.
// Usage: node batches.mjs HUB MODEL LINES        Makes one and waits for its end.
//        node batches.mjs HUB MODEL LINES begin  Makes one and prints it.
//        node batches.mjs HUB end BATCH          Waits for its end.
import OpenAI, { toFile } from "openai";

const [hub, word, third, mode] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${hub}/v1`, apiKey: process.env.TUTTI_KEY ?? "none" });
const seen = {};

async function begin(model, lines) {
  const requests = Array.from({ length: lines }, (_, i) => JSON.stringify({
    custom_id: `request-${i}`, method: "POST", url: "/v1/chat/completions",
    body: { model, messages: [{ role: "user", content: `What is ${i}?` }] },
  }));
  const file = await client.files.create({
    file: await toFile(Buffer.from(requests.join("\n") + "\n"), "requests.jsonl"), purpose: "batch",
  });
  seen.file = file;
  return client.batches.create({
    input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h", metadata: { by: "test" },
  });
}

async function end(id) {
  const deadline = Date.now() + 90_000;
  let batch = await client.batches.retrieve(id);
  while (!["completed", "failed", "expired", "cancelled"].includes(batch.status) && Date.now() < deadline) {
    await new Promise((wake) => setTimeout(wake, 100));
    batch = await client.batches.retrieve(id);
  }
  seen.batch = batch;
  const read = async (file) => (file ? (await (await client.files.content(file)).text()).trim().split("\n").map((line) => JSON.parse(line)) : []);
  const output = await read(batch.output_file_id);
  seen.ids = output.map((line) => line.custom_id);
  seen.statuses = [...new Set(output.map((line) => line.response.status_code))];
  seen.objects = [...new Set(output.map((line) => line.response.body.object))];
  seen.errors = (await read(batch.error_file_id)).length;
  seen.listed = [];
  for await (const one of client.batches.list({ limit: 1 })) seen.listed.push(one.id);
  seen.files = [];
  for await (const one of client.files.list({ purpose: "batch" })) seen.files.push(one.id);
}

if (word === "end") {
  await end(third);
} else {
  const batch = await begin(word, Number(third));
  if (mode === "begin") {
    seen.batch = batch;
  } else {
    await end(batch.id);
    seen.deleted = (await client.files.delete(seen.file.id)).deleted;
  }
}
console.log(JSON.stringify(seen));
