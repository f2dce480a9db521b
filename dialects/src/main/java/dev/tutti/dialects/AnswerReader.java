package dev.tutti.dialects;

import dev.tutti.core.Failure;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads one engine's answer to one request. Stateful, used by one thread at a time. What comes is
/// hostile: sizes and depths are capped, unknown fields are dropped.
public interface AnswerReader {
  /// Takes a piece of the body of a 2xx answer, cut anywhere.
  ///
  /// @throws dev.tutti.core.MeshException when the bytes are no answer of this dialect, or are the
  ///   engine's own error record
  void feed(byte[] bytes, Consumer<Delta> out);

  /// The body has ended by itself.
  ///
  /// @return a failure when the answer is not complete (no finish, no done record)
  Optional<Failure> end(Consumer<Delta> out);

  /// What the answer cost up to its last piece, where the engine counts as it goes.
  default Optional<Delta.Usage> soFar() {
    return Optional.empty();
  }

  /// What an answer that is not 2xx means.
  ///
  /// @param body at most {@value #MAX_ERROR_BYTES} bytes of it
  Failure refused(int status, String retryAfter, byte[] body);

  /// How much of an error's body is looked at, in bytes.
  int MAX_ERROR_BYTES = 16 * 1024;
}
