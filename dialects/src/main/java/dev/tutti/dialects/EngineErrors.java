package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What an engine's errors mean, before an answer and in the middle of one. The engine's own words
/// are kept where they are words: markup and control characters never come through.
final class EngineErrors {
  /// How much of an engine's own message is kept, in characters.
  static final int MAX_MESSAGE_CHARS = 2048;

  /// The longest wait taken over from an engine, in seconds.
  static final int MAX_RETRY_AFTER_SECONDS = 3600;

  /// Anthropic's own status for "too busy".
  private static final int OVERLOADED = 529;

  private EngineErrors() {}

  /// Bytes that are no answer.
  static MeshException garbage() {
    return new MeshException(
        Failure.of(
            FailureCode.ENGINE_ERROR,
            Retry.UNSAFE_MAY_HAVE_ACTED,
            "the engine sent something that is no answer"));
  }

  /// Bytes that are no answer, and why they could not be read.
  static MeshException garbage(RuntimeException cause) {
    return new MeshException(garbage().failure(), cause);
  }

  /// An error in the middle of an answer, in the engine's words.
  static MeshException inAnswer(String words) {
    String cleaned = clean(words);
    return new MeshException(
        Failure.of(
            FailureCode.ENGINE_ERROR,
            Retry.UNSAFE_MAY_HAVE_ACTED,
            cleaned.isEmpty() ? "the engine failed while it answered" : "engine: " + cleaned));
  }

  /// A stream that ended before the answer did.
  static Failure brokenStream() {
    return Failure.of(
        FailureCode.BROKEN_STREAM,
        Retry.UNSAFE_MAY_HAVE_ACTED,
        "the engine's stream ended before its answer did");
  }

  /// Something this engine cannot be told, though another may.
  static MeshException cannotSay(String message) {
    return new MeshException(Failure.of(FailureCode.UNSUPPORTED, Retry.SAFE_NOT_STARTED, message));
  }

  /// See {@link AnswerReader#refused}.
  static Failure refused(int status, String retryAfter, byte[] body) {
    String words = words(body);
    Failure failure = meaning(status, words);
    return new Failure(
        failure.code(), failure.retry(), failure.message(), status, wait(retryAfter));
  }

  /// As {@link #refused}, for paths that not every engine has: a path that is not there means that
  /// the engine cannot do it.
  ///
  /// @param lack what it does not do, in words that follow "the engine"
  static Failure refusedPath(int status, String retryAfter, byte[] body, String lack) {
    boolean absent = status == 404 || status == 405 || status == 501;
    return absent
        ? failure(
            FailureCode.UNSUPPORTED, Retry.SAFE_NOT_STARTED, "the engine " + lack, words(body))
        : refused(status, retryAfter, body);
  }

  private static Failure meaning(int status, String words) {
    if (status >= 200 && status < 400) {
      return failure(
          FailureCode.ENGINE_ERROR, Retry.SAFE_NOT_STARTED, "the engine answered " + status, "");
    }
    return switch (status) {
      case 401, 403 ->
          failure(
              FailureCode.ENGINE_ERROR, Retry.SAFE_NOT_STARTED, "the engine refused our key", "");
      case 404 ->
          failure(
              FailureCode.ENGINE_ERROR,
              Retry.SAFE_NOT_STARTED,
              "the engine does not have this model or path",
              words);
      case 405, 501 ->
          failure(
              FailureCode.UNSUPPORTED,
              Retry.SAFE_NOT_STARTED,
              "the engine does not offer this",
              words);
      case 408, 429, 503, OVERLOADED ->
          failure(FailureCode.ENGINE_BUSY, Retry.SAFE_NOT_STARTED, "the engine is busy", words);
      case 413 ->
          failure(
              FailureCode.TOO_LARGE,
              Retry.POINTLESS,
              "the request is too large for the engine",
              words);
      default -> status < 500 ? clientError(status, words) : serverError(status, words);
    };
  }

  private static Failure clientError(int status, String words) {
    // The engine's words alone: the client's own code may look for them.
    return Failure.invalid(words.isEmpty() ? "the engine answered " + status : words);
  }

  private static Failure serverError(int status, String words) {
    if (words.contains("image input is not supported")) {
      // How a llama-server without a projector says it; another backend may see.
      return failure(
          FailureCode.UNSUPPORTED, Retry.SAFE_NOT_STARTED, "the engine does not offer this", words);
    }
    // Ollama looks at the memory before it loads: nothing has begun.
    Retry retry =
        words.contains("requires more system memory")
            ? Retry.SAFE_NOT_STARTED
            : Retry.UNSAFE_MAY_HAVE_ACTED;
    return failure(FailureCode.ENGINE_ERROR, retry, "the engine answered " + status, words);
  }

  private static Failure failure(FailureCode code, Retry retry, String ours, String words) {
    return Failure.of(code, retry, words.isEmpty() ? ours : ours + ": " + words);
  }

  private static Duration wait(String retryAfter) {
    String seconds = retryAfter.strip();
    boolean digits = seconds.chars().allMatch(c -> c >= '0' && c <= '9');
    if (seconds.isEmpty() || seconds.length() > 6 || !digits) {
      return Duration.ZERO; // a date, or nonsense
    }
    return Duration.ofSeconds(Math.min(Integer.parseInt(seconds), MAX_RETRY_AFTER_SECONDS));
  }

  /// The engine's own message in an error's body; empty when there is none fit to be shown.
  static String words(byte[] body) {
    byte[] looked =
        body.length > AnswerReader.MAX_ERROR_BYTES
            ? Arrays.copyOf(body, AnswerReader.MAX_ERROR_BYTES)
            : body;
    try {
      return clean(words(Json.read(looked)).orElse(""));
    } catch (MeshException _) {
      return clean(new String(looked, StandardCharsets.UTF_8));
    }
  }

  /// The message in an error record of any engine: `{"error": "…"}`, `{"error": {"message": …}}`,
  /// `{"message": …}`, `{"detail": …}`.
  static Optional<String> words(JsonNode node) {
    if (node.isString()) {
      return Optional.of(node.stringValue());
    }
    if (node.isArray()) {
      return node.isEmpty() ? Optional.empty() : words(node.get(0));
    }
    for (String name : new String[] {"error", "message", "msg", "detail"}) {
      JsonNode inner = node.get(name);
      if (inner != null && !inner.isNull()) {
        Optional<String> words = words(inner);
        if (words.isPresent()) {
          return words;
        }
      }
    }
    return Optional.empty();
  }

  private static String clean(String words) {
    String trimmed = words.strip();
    String lower = trimmed.substring(0, Math.min(trimmed.length(), 512)).toLowerCase(Locale.ROOT);
    if (lower.startsWith("<")
        || lower.startsWith("{")
        || lower.contains("<html")
        || lower.contains("<!doctype")
        || trimmed.indexOf('\uFFFD') >= 0) {
      return "";
    }
    var cleaned = new StringBuilder();
    for (int i = 0; i < trimmed.length() && cleaned.length() < MAX_MESSAGE_CHARS; i++) {
      char c = trimmed.charAt(i);
      cleaned.append(Character.isISOControl(c) ? ' ' : c);
    }
    return cleaned.toString();
  }
}
