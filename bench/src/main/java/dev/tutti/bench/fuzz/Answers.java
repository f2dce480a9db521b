package dev.tutti.bench.fuzz;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.dialects.AnswerReader;
import dev.tutti.dialects.AnthropicRequests;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.EngineDialect;
import dev.tutti.dialects.OllamaRequests;
import dev.tutti.dialects.RerankRequests;
import dev.tutti.dialects.TranscriptionRequests;
import dev.tutti.dialects.Work;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/// What must hold for any bytes that an engine sends as an answer: they mean the same wherever the
/// stream is cut, they never end well without the engine's own word, and whatever they mean can be
/// told in every dialect.
final class Answers {
  private static final int PIECES = 7;

  private Answers() {}

  /// What a reader made of some bytes.
  private record Read(List<Delta> deltas, Optional<Failure> failure) {
    List<String> shown() {
      return deltas.stream().map(Read::shown).toList();
    }

    private static String shown(Delta delta) {
      return switch (delta) {
        case Delta.Vectors(var vectors) ->
            "Vectors" + vectors.stream().map(Arrays::toString).toList();
        case Delta.Transcript(var body) -> "Transcript" + Arrays.toString(body);
        case Delta.Content _,
            Delta.Reasoning _,
            Delta.Seal _,
            Delta.ToolCall _,
            Delta.Logprobs _,
            Delta.Finish _,
            Delta.Usage _,
            Delta.Resident _,
            Delta.Counted _,
            Delta.Ranking _ ->
            delta.toString();
      };
    }
  }

  /// The bytes are the whole body.
  static Consumer<byte[]> raw(EngineDialect engine) {
    Work chat =
        OllamaRequests.chat(
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"?\"}]}"
                    .getBytes(StandardCharsets.UTF_8))
            .work();
    return input -> told(read(engine, chat, input));
  }

  /// The input is cut at its line feeds, and each line is put into a frame.
  static Consumer<byte[]> framed(EngineDialect engine, String before, String after) {
    Consumer<byte[]> raw = raw(engine);
    return input -> {
      var framed = new ByteArrayOutputStream();
      int start = 0;
      for (int i = 0; i <= input.length; i++) {
        if (i == input.length || input[i] == '\n') {
          framed.writeBytes(before.getBytes(StandardCharsets.UTF_8));
          framed.write(input, start, i - start);
          framed.writeBytes(after.getBytes(StandardCharsets.UTF_8));
          start = i + 1;
        }
      }
      raw.accept(framed.toByteArray());
    };
  }

  /// The bytes answer an embedding of two texts.
  static Consumer<byte[]> vectors(EngineDialect... engines) {
    var work =
        new Work.Embedding(
            "m",
            Dialect.OLLAMA,
            List.of("a", "b"),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Set.of());
    return input -> {
      for (EngineDialect engine : engines) {
        Read read = read(engine, work, input);
        if (read.failure().isEmpty()) {
          Telling.vectors(read.deltas());
        }
      }
    };
  }

  /// The bytes answer what is answered in one piece: a count, a ranking, a transcript, a loading.
  static Consumer<byte[]> small(EngineDialect... engines) {
    List<Work> works =
        List.of(
            AnthropicRequests.countTokens(
                    bytes("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"?\"}]}"))
                .work(),
            RerankRequests.read(
                    bytes("{\"model\":\"m\",\"query\":\"?\",\"documents\":[\"a\",\"b\"]}"))
                .work(),
            TranscriptionRequests.read(
                    bytes(
                        "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n"
                            + "--b\r\ncontent-disposition: form-data; name=\"file\";"
                            + " filename=\"a.wav\"\r\n\r\nx\r\n--b--\r\n"),
                    "multipart/form-data; boundary=b")
                .work(),
            OllamaRequests.chat(bytes("{\"model\":\"m\"}")).work());
    return input -> {
      for (EngineDialect engine : engines) {
        works.forEach(work -> read(engine, work, input));
      }
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Read read(EngineDialect engine, Work work, byte[] input) {
    Read whole = read(engine.reader(work), List.of(input));
    var pieces = new ArrayList<byte[]>();
    for (int at = 0; at < input.length; ) {
      int next = Math.min(input.length, at + 1 + (input[at] & PIECES));
      pieces.add(Arrays.copyOfRange(input, at, next));
      at = next;
    }
    Read cut = read(engine.reader(work), pieces);
    Claim.that(
        whole.failure().isPresent() == cut.failure().isPresent(),
        "cut: " + cut.failure() + ", whole: " + whole.failure());
    if (whole.failure().isEmpty()) {
      Claim.that(
          whole.shown().equals(cut.shown()), "cut: " + cut.shown() + ", whole: " + whole.shown());
    }
    return whole;
  }

  private static Read read(AnswerReader reader, List<byte[]> pieces) {
    var deltas = new ArrayList<Delta>();
    try {
      for (byte[] piece : pieces) {
        reader.feed(piece.clone(), deltas::add);
      }
      return new Read(deltas, reader.end(deltas::add));
    } catch (MeshException e) {
      return new Read(deltas, Optional.of(e.failure()));
    }
  }

  private static void told(Read read) {
    long finishes = read.deltas().stream().filter(Delta.Finish.class::isInstance).count();
    Claim.that(finishes <= 1, finishes + " ends");
    Claim.that(read.failure().isPresent() || finishes == 1, "a good end without the engine's word");
    Telling.chat(read.deltas(), read.failure());
  }
}
