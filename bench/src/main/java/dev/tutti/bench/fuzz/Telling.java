package dev.tutti.bench.fuzz;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.dialects.AnswerContext;
import dev.tutti.dialects.AnswerReader;
import dev.tutti.dialects.AnswerWriter;
import dev.tutti.dialects.AnswerWriters;
import dev.tutti.dialects.AnthropicEngine;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.EngineDialect;
import dev.tutti.dialects.OllamaEngine;
import dev.tutti.dialects.OllamaRequests;
import dev.tutti.dialects.OpenAiEngine;
import dev.tutti.dialects.Work;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Tells deltas in every dialect and looks at the bytes: every frame is well-formed, and what a
/// client reads is what the engine said.
final class Telling {
  private static final AnswerContext CONTEXT =
      new AnswerContext("id", 1, () -> "2026-01-01T00:00:00Z", () -> "m");

  /// Writers of chats, and an engine of the same dialect where one reads what they write.
  private static final Map<Endpoint, Optional<EngineDialect>> CHATS =
      Map.of(
          Endpoint.OPENAI_CHAT, Optional.of(OpenAiEngine.of(OpenAiEngine.Flavour.GENERIC)),
          Endpoint.OPENAI_COMPLETIONS, Optional.empty(),
          Endpoint.OLLAMA_CHAT, Optional.of(new OllamaEngine()),
          Endpoint.OLLAMA_GENERATE, Optional.empty(),
          Endpoint.OPENAI_RESPONSES, Optional.empty(),
          Endpoint.ANTHROPIC_MESSAGES, Optional.of(new AnthropicEngine()));

  private Telling() {}

  static void chat(List<Delta> deltas, Optional<Failure> failure) {
    CHATS.forEach((endpoint, engine) -> {
      frames(bytes(endpoint, false, deltas, failure));
      byte[] stream = bytes(endpoint, true, deltas, failure);
      frames(stream);
      if (failure.isEmpty()) {
        engine.ifPresent(each -> readsTheSame(each, stream, deltas));
      }
    });
  }

  static void vectors(List<Delta> deltas) {
    for (Endpoint endpoint : List.of(Endpoint.OPENAI_EMBEDDINGS, Endpoint.OLLAMA_EMBED)) {
      frames(bytes(endpoint, false, deltas, Optional.empty()));
    }
  }

  private static byte[] bytes(
      Endpoint endpoint, boolean stream, List<Delta> deltas, Optional<Failure> failure) {
    AnswerWriter writer =
        AnswerWriters.of(new AnswerSketch(endpoint, "m", true, true), stream, CONTEXT);
    var out = new ByteArrayOutputStream();
    try {
      for (Delta delta : deltas) {
        out.writeBytes(writer.keepAlive());
        out.writeBytes(writer.delta(delta));
      }
      out.writeBytes(failure.isPresent() ? writer.error(failure.get()) : writer.end());
    } catch (MeshException cannotBeTold) {
      out.writeBytes(writer.error(cannotBeTold.failure()));
    }
    return out.toByteArray();
  }

  /// Lines of an event stream, lines of JSON, or one object: each shows by its beginning what it
  /// is.
  private static void frames(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (String line : text.split("\n", -1)) {
      String meant = line.strip();
      if (meant.isEmpty() || meant.startsWith(":") || meant.startsWith("event: ")) {
        continue;
      }
      String json = meant.startsWith("data: ") ? meant.substring("data: ".length()) : meant;
      if (!json.equals("[DONE]")) {
        Claim.json(json.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static void readsTheSame(EngineDialect engine, byte[] stream, List<Delta> deltas) {
    Work chat =
        OllamaRequests.chat(
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"?\"}]}"
                    .getBytes(StandardCharsets.UTF_8))
            .work();
    AnswerReader reader = engine.reader(chat);
    var read = new ArrayList<Delta>();
    Optional<Failure> failure;
    try {
      reader.feed(stream, read::add);
      failure = reader.end(read::add);
    } catch (MeshException e) {
      failure = Optional.of(e.failure());
    }
    if (failure.isPresent()) {
      // Only because a tool's arguments could not be told, which was written as an error.
      boolean calls = deltas.stream().anyMatch(Delta.ToolCall.class::isInstance);
      Claim.that(calls, "cannot read what was written: " + failure.get().message());
      return;
    }
    Claim.that(said(read).equals(said(deltas)), "read " + said(read) + ", was " + said(deltas));
  }

  /// Content and reasoning; half a surrogate pair cannot be told in UTF-8.
  private static String said(List<Delta> deltas) {
    var content = new StringBuilder();
    var reasoning = new StringBuilder();
    for (Delta delta : deltas) {
      if (delta instanceof Delta.Content(var text)) {
        content.append(told(text));
      } else if (delta instanceof Delta.Reasoning(var text)) {
        reasoning.append(told(text));
      }
    }
    return content + "|" + reasoning;
  }

  private static String told(String text) {
    var told = new StringBuilder();
    text.codePoints()
        .map(point ->
            point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point)
        .forEach(told::appendCodePoint);
    return told.toString();
  }
}
