package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// The one table from failures to what each dialect says instead of an answer.
public final class ErrorBodies {
  /// The media type of every error.
  public static final String JSON = "application/json";

  private static final int ANTHROPIC_OVERLOADED = 529;

  /// Words that Ollama's clients look for, with its own two blanks.
  private static final String OLLAMA_BUSY =
      "server busy, please try again.  maximum pending requests exceeded";

  private ErrorBodies() {}

  /// An error instead of an answer.
  ///
  /// @param status the HTTP status
  /// @param headers the headers that belong to it, names in lower case, the media type among them
  /// @param body JSON in UTF-8: not a copy, not to be changed
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way to a socket, never compared
  public record ErrorAnswer(int status, Map<String, String> headers, byte[] body) {
    /// Copies the headers.
    public ErrorAnswer {
      headers = Map.copyOf(headers);
    }
  }

  /// What a dialect says of a failure before its answer has begun.
  public static ErrorAnswer of(Dialect dialect, Failure failure) {
    return of(dialect, failure, "");
  }

  /// The same for a request with a name, which Anthropic's dialect repeats.
  ///
  /// @param requestId empty when it has none
  public static ErrorAnswer of(Dialect dialect, Failure failure, String requestId) {
    ObjectNode body =
        switch (dialect) {
          case OPENAI -> openAi(failure, openAiType(failure.code()));
          case OLLAMA -> Json.object().put("error", ollamaText(failure));
          case ANTHROPIC -> anthropic(failure, anthropicType(failure.code()));
        };
    if (dialect == Dialect.ANTHROPIC && !requestId.isEmpty()) {
      body.put("request_id", requestId);
    }
    return new ErrorAnswer(status(dialect, failure.code()), headers(failure), Json.bytes(body));
  }

  private static int status(Dialect dialect, FailureCode code) {
    boolean overloaded = code == FailureCode.BUSY || code == FailureCode.ENGINE_BUSY;
    return dialect == Dialect.ANTHROPIC && overloaded ? ANTHROPIC_OVERLOADED : code.httpStatus();
  }

  private static Map<String, String> headers(Failure failure) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("content-type", JSON);
    failure
        .retryAfterIfAny()
        .ifPresent(wait -> headers.put("retry-after", Long.toString(secondsUp(wait))));
    // Clients turn each 5xx into three requests; no later one can end better than this.
    if (failure.retry() == Retry.POINTLESS || failure.code() == FailureCode.UNSUPPORTED) {
      headers.put("x-should-retry", "false");
    }
    return headers;
  }

  private static long secondsUp(Duration wait) {
    return Math.max(1, wait.plusNanos(999_999_999).toSeconds());
  }

  private static ObjectNode openAi(Failure failure, String type) {
    ObjectNode body = Json.object();
    ObjectNode error = body.putObject("error").put("message", failure.message());
    error.put("type", type).putNull("param");
    String code = openAiCode(failure);
    if (code.isEmpty()) {
      error.putNull("code");
    } else {
      error.put("code", code);
    }
    return body;
  }

  /// An error in the middle of a stream. Never the client's fault, whatever the engine thinks: the
  /// request was good enough to begin.
  static ObjectNode openAiInStream(Failure failure) {
    String type = openAiType(failure.code());
    return openAi(failure, type.equals("invalid_request_error") ? "server_error" : type);
  }

  private static String openAiType(FailureCode code) {
    return switch (code) {
      case INVALID_REQUEST,
          UNAUTHENTICATED,
          FORBIDDEN,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          TOO_LARGE,
          ANSWER_GONE,
          KEY_REUSED,
          POISONED_REQUEST,
          MISDIRECTED,
          UNSUPPORTED ->
          "invalid_request_error";
      case RATE_LIMITED -> "rate_limit_error";
      case OVER_BUDGET -> "insufficient_quota";
      case BUSY, ENGINE_BUSY -> "service_unavailable";
      case CANCELLED,
          INTERNAL,
          ENGINE_UNREACHABLE,
          ENGINE_ERROR,
          BROKEN_STREAM,
          ENGINE_STALLED,
          LOOP ->
          "server_error";
    };
  }

  private static String openAiCode(Failure failure) {
    return switch (failure.code()) {
      case INVALID_REQUEST -> "";
      case UNAUTHENTICATED -> "invalid_api_key";
      case NOT_FOUND -> failure.message().startsWith("model ") ? "model_not_found" : "not_found";
      case RATE_LIMITED -> "rate_limit_exceeded";
      case OVER_BUDGET -> "insufficient_quota";
      case FORBIDDEN,
          MISDIRECTED,
          METHOD_NOT_ALLOWED,
          TOO_LARGE,
          ANSWER_GONE,
          KEY_REUSED,
          POISONED_REQUEST,
          CANCELLED,
          INTERNAL,
          UNSUPPORTED,
          ENGINE_UNREACHABLE,
          ENGINE_ERROR,
          BROKEN_STREAM,
          BUSY,
          ENGINE_BUSY,
          ENGINE_STALLED,
          LOOP ->
          failure.code().name().toLowerCase(Locale.ROOT);
    };
  }

  private static String ollamaText(Failure failure) {
    boolean busy = failure.code() == FailureCode.BUSY;
    return busy ? OLLAMA_BUSY + " (" + failure.message() + ")" : failure.message();
  }

  private static String anthropicType(FailureCode code) {
    return switch (code) {
      case INVALID_REQUEST,
          METHOD_NOT_ALLOWED,
          UNSUPPORTED,
          ANSWER_GONE,
          KEY_REUSED,
          POISONED_REQUEST,
          MISDIRECTED ->
          "invalid_request_error";
      case RATE_LIMITED, OVER_BUDGET -> "rate_limit_error";
      case UNAUTHENTICATED -> "authentication_error";
      case FORBIDDEN -> "permission_error";
      case NOT_FOUND -> "not_found_error";
      case TOO_LARGE -> "request_too_large";
      case BUSY, ENGINE_BUSY -> "overloaded_error";
      case ENGINE_STALLED -> "timeout_error";
      case CANCELLED, INTERNAL, ENGINE_UNREACHABLE, ENGINE_ERROR, BROKEN_STREAM, LOOP ->
          "api_error";
    };
  }

  private static ObjectNode anthropic(Failure failure, String type) {
    ObjectNode body = Json.object().put("type", "error");
    body.putObject("error").put("type", type).put("message", failure.message());
    return body;
  }

  /// The same in the middle of an Anthropic stream.
  static ObjectNode anthropicInStream(Failure failure) {
    String type = anthropicType(failure.code());
    boolean blames = type.equals("invalid_request_error") || type.equals("request_too_large");
    return anthropic(failure, blames ? "api_error" : type);
  }
}
