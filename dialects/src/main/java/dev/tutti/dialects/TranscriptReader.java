package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Reads an engine's transcript: it is handed on as it is, in the format that was asked for. Some
/// engines answer JSON where plain text was asked for; then its text is the answer.
final class TranscriptReader implements AnswerReader {
  /// How long a transcript may be, in bytes.
  static final int MAX_BYTES = 64 * 1024 * 1024;

  private final String format;
  private final Utf8Buffer body = new Utf8Buffer(MAX_BYTES);

  TranscriptReader(String format) {
    this.format = format;
  }

  @Override
  public void feed(byte[] bytes, Consumer<Delta> out) {
    body.raw(bytes);
  }

  @Override
  public Optional<Failure> end(Consumer<Delta> out) {
    try {
      out.accept(new Delta.Transcript(transcript(body.toBytes())));
    } catch (MeshException e) {
      return Optional.of(e.failure());
    }
    return Optional.empty();
  }

  private byte[] transcript(byte[] bytes) {
    boolean json = format.endsWith("json");
    Optional<JsonNode> object = object(bytes);
    Optional<JsonNode> error = object.map(node -> node.path("error"));
    if (error.filter(node -> !node.isMissingNode() && !node.isNull()).isPresent()) {
      throw EngineErrors.inAnswer(EngineErrors.words(error.get()).orElse(""));
    }
    Optional<String> text =
        object.map(node -> node.path("text")).filter(JsonNode::isString).map(JsonNode::stringValue);
    if (json && text.isEmpty()) {
      throw EngineErrors.garbage();
    }
    if (json || object.isEmpty()) {
      return bytes;
    }
    if (!format.equals("text")) {
      throw EngineErrors.inAnswer("a transcript in another format (expected: " + format + ")");
    }
    return text.map(words -> words.getBytes(StandardCharsets.UTF_8)).orElse(bytes);
  }

  private static Optional<JsonNode> object(byte[] bytes) {
    try {
      return Optional.of(Json.read(bytes)).filter(JsonNode::isObject);
    } catch (MeshException _) {
      return Optional.empty();
    }
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refusedPath(status, retryAfter, body, "does not transcribe");
  }
}
