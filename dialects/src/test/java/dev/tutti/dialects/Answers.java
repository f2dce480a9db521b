package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Words that several tests use: feeding readers and making writers.
final class Answers {
  static final AnswerContext CONTEXT =
      new AnswerContext("abc123", 1_700_000_000, () -> "2026-01-01T00:00:00.5Z", () -> "real-one");

  private Answers() {}

  /// What a reader made of some bytes: its deltas as text, so that they can be compared.
  record Read(List<String> deltas, Optional<Failure> failure) {}

  static AnswerReader reader(String name) {
    return switch (name.split("\\.", 2)[0]) {
      case "ollama" -> new OllamaReader();
      case "anthropic" -> new AnthropicReader();
      default -> new OpenAiReader();
    };
  }

  static List<Delta> deltas(AnswerReader reader, byte[]... pieces) {
    var deltas = new ArrayList<Delta>();
    for (byte[] piece : pieces) {
      reader.feed(piece, deltas::add);
    }
    reader
        .end(deltas::add)
        .ifPresent(failure -> {
          throw new MeshException(failure);
        });
    return deltas;
  }

  static List<Delta> deltas(AnswerReader reader, String text) {
    return deltas(reader, text.getBytes(StandardCharsets.UTF_8));
  }

  static Read read(AnswerReader reader, List<byte[]> pieces) {
    var deltas = new ArrayList<String>();
    try {
      for (byte[] piece : pieces) {
        reader.feed(piece, delta -> deltas.add(shown(delta)));
      }
      return new Read(deltas, reader.end(delta -> deltas.add(shown(delta))));
    } catch (MeshException e) {
      return new Read(deltas, Optional.of(e.failure()));
    }
  }

  static Failure failure(AnswerReader reader, String text) {
    return read(reader, List.of(text.getBytes(StandardCharsets.UTF_8))).failure().orElseThrow();
  }

  static String shown(Delta delta) {
    return delta instanceof Delta.Vectors(var vectors)
        ? "Vectors" + vectors.stream().map(Arrays::toString).toList()
        : delta.toString();
  }

  static AnswerSketch sketch(Endpoint endpoint) {
    return new AnswerSketch(endpoint, "asked:latest", true, false);
  }

  static AnswerWriter writer(Endpoint endpoint, boolean stream) {
    return AnswerWriters.of(sketch(endpoint), stream, CONTEXT);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static String write(AnswerWriter writer, Delta... deltas) {
    return write(writer, List.of(deltas));
  }

  static String write(AnswerWriter writer, List<Delta> deltas) {
    var out = new StringBuilder();
    for (Delta delta : deltas) {
      out.append(text(writer.delta(delta)));
    }
    return out.append(text(writer.end())).toString();
  }
}
