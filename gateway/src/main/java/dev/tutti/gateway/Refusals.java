package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.dialects.Dialect;
import dev.tutti.dialects.ErrorBodies;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Failures before the first byte as status, headers and body, in the shape of the surface that was
/// called.
final class Refusals {
  private Refusals() {}

  /// The failure in the surface's own shape.
  ///
  /// @param requestId the client's own name of its request, empty when it gave none
  static ErrorBodies.ErrorAnswer of(Surface surface, Failure failure, String requestId) {
    return surface
        .dialect()
        .map(dialect -> ErrorBodies.of(dialect, failure, requestId))
        .orElseGet(() -> ours(failure));
  }

  /// Headers that belong to a failure on every surface, beside those of its dialect.
  static Map<String, String> headers(Failure failure) {
    var headers = new LinkedHashMap<String, String>();
    failure
        .retryAfterIfAny()
        .ifPresent(
            wait -> headers.put("x-tutti-estimated-wait-ms", Long.toString(wait.toMillis())));
    if (failure.code() == FailureCode.UNAUTHENTICATED) {
      headers.put("www-authenticate", "Bearer");
    }
    return headers;
  }

  /// Our own shape. Its headers are those of the OpenAI dialect, whose clients know the most.
  private static ErrorBodies.ErrorAnswer ours(Failure failure) {
    var error = new LinkedHashMap<String, Object>();
    error.put("code", failure.code().name().toLowerCase(Locale.ROOT));
    error.put("message", failure.message());
    return new ErrorBodies.ErrorAnswer(
        failure.code().httpStatus(),
        ErrorBodies.of(Dialect.OPENAI, failure).headers(),
        JsonText.bytes(Map.of("error", error)));
  }

  /// A request that is wrong in itself.
  static MeshException invalid(String message) {
    return MeshException.invalid(message);
  }

  /// A failure that doing the same again will not mend.
  static Failure pointless(FailureCode code, String message) {
    return Failure.of(code, Retry.POINTLESS, message);
  }
}
