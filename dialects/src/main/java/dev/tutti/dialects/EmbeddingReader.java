package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads the answers of either dialect to embedding requests: one object, gathered and read at its
/// end.
final class EmbeddingReader implements AnswerReader {
  /// How long an answer may be, in bytes.
  static final int MAX_BYTES = 64 * 1024 * 1024;

  private final int inputs;
  private final Utf8Buffer body = new Utf8Buffer(MAX_BYTES);
  private final OpenAiUsage usage = new OpenAiUsage();
  private final TreeMap<Integer, float[]> vectors = new TreeMap<>();
  private int promptTokens;
  private long loadNanos;
  private long totalNanos;

  /// For a request with so many inputs.
  EmbeddingReader(int inputs) {
    this.inputs = inputs;
  }

  @Override
  public void feed(byte[] bytes, Consumer<Delta> out) {
    body.raw(bytes);
  }

  @Override
  public Optional<Failure> end(Consumer<Delta> out) {
    try {
      JsonPieces.object(body.array(), 0, body.size(), this::root);
    } catch (MeshException e) {
      return Optional.of(e.failure());
    }
    if (vectors.size() != inputs || (inputs > 0 && vectors.lastKey() != inputs - 1)) {
      return Optional.of(
          EngineErrors.inAnswer(vectors.size() + " vectors (expected: " + inputs + ")").failure());
    }
    out.accept(new Delta.Vectors(List.copyOf(vectors.values())));
    out.accept(cost());
    return Optional.empty();
  }

  private Delta.Usage cost() {
    return usage
        .delta()
        .orElseGet(() ->
            new Delta.Usage(promptTokens, 0, 0, loadNanos, Math.max(0, totalNanos - loadNanos), 0));
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refused(status, retryAfter, body);
  }

  private void root(JsonParser parser) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "data" -> data(parser);
        case "embeddings" -> embeddings(parser);
        case "usage" -> usage.readUsage(parser);
        case "prompt_eval_count" -> promptTokens = JsonPieces.count(parser);
        case "load_duration" -> loadNanos = JsonPieces.nanos(parser);
        case "total_duration" -> totalNanos = JsonPieces.nanos(parser);
        case "error" -> {
          if (parser.currentToken() != JsonToken.VALUE_NULL) {
            throw EngineErrors.inAnswer(EngineErrors.words(JsonPieces.tree(parser)).orElse(""));
          }
        }
        default -> parser.skipChildren();
      }
    }
  }

  private void embeddings(JsonParser parser) {
    if (JsonPieces.isArray(parser)) {
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        put(vectors.size(), vector(parser));
      }
    }
  }

  private void data(JsonParser parser) {
    if (!JsonPieces.isArray(parser)) {
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!JsonPieces.isObject(parser)) {
        throw EngineErrors.garbage();
      }
      int index = vectors.size();
      float[] vector = {};
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        switch (name) {
          case "index" -> index = JsonPieces.count(parser);
          case "embedding" -> vector = vector(parser);
          default -> parser.skipChildren();
        }
      }
      put(index, vector);
    }
  }

  private void put(int index, float[] vector) {
    if (vector.length == 0 || !isFinite(vector) || vectors.put(index, vector) != null) {
      throw EngineErrors.garbage();
    }
  }

  /// JSON has no word for what is not finite, and no distance means anything with it.
  private static boolean isFinite(float[] vector) {
    for (float part : vector) {
      if (!Float.isFinite(part)) {
        return false;
      }
    }
    return true;
  }

  private static float[] vector(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return base64(parser.getString());
    }
    if (!JsonPieces.isArray(parser)) {
      throw EngineErrors.garbage();
    }
    float[] floats = new float[1024];
    int size = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!parser.currentToken().isNumeric()) {
        throw EngineErrors.garbage();
      }
      if (size == floats.length) {
        floats = Arrays.copyOf(floats, size * 2);
      }
      floats[size++] = parser.getFloatValue();
    }
    return Arrays.copyOf(floats, size);
  }

  private static float[] base64(String text) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw EngineErrors.garbage(e);
    }
    if (bytes.length % Float.BYTES != 0) {
      throw EngineErrors.garbage();
    }
    float[] floats = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }
}
