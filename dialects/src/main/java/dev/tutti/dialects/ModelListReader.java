package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads an OpenAI engine's list of models, which stands for loading one: such an engine holds what
/// it lists. An engine with one model answers to any name.
final class ModelListReader implements AnswerReader {
  /// How long a list may be, in bytes.
  static final int MAX_BYTES = 8 * 1024 * 1024;

  private final String model;
  private final Delta listed;
  private final Utf8Buffer body = new Utf8Buffer(MAX_BYTES);
  private final Set<String> ids = new HashSet<>();

  /// @param listed what to tell when the model is there
  ModelListReader(String model, Delta listed) {
    this.model = model;
    this.listed = listed;
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
    if (ids.size() != 1 && !ids.contains(untagged(model))) {
      return Optional.of(
          Failure.of(
              FailureCode.ENGINE_ERROR,
              Retry.SAFE_NOT_STARTED,
              "the engine does not list this model"));
    }
    out.accept(listed);
    return Optional.empty();
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refused(status, retryAfter, body);
  }

  private void root(JsonParser parser) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      if (name.equals("data") && JsonPieces.isArray(parser)) {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          entry(parser);
        }
      } else {
        parser.skipChildren();
      }
    }
  }

  private void entry(JsonParser parser) {
    if (!JsonPieces.isObject(parser)) {
      return;
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      if (name.equals("id")) {
        ids.add(untagged(JsonPieces.text(parser)));
      } else {
        parser.skipChildren();
      }
    }
  }

  private static String untagged(String id) {
    return id.endsWith(":latest") ? id.substring(0, id.length() - ":latest".length()) : id;
  }
}
