package dev.tutti.link.agent;

import java.security.cert.CertificateException;
import java.util.Optional;

/// Why a connection was not made, where it was we who did not believe the other end.
final class Distrust {
  /// A chain of causes longer than this is not followed.
  private static final int DEPTH = 8;

  private Distrust() {}

  static Optional<String> of(Throwable trouble) {
    Throwable cause = trouble;
    for (int i = 0; i < DEPTH && cause != null; i++) {
      if (cause instanceof CertificateException) {
        return Optional.of(String.valueOf(cause.getMessage()));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }
}
