package dev.tutti.access;

/// Who sent a request.
public sealed interface Resolution {
  /// Somebody known.
  ///
  /// @param byCookie whether only a browser's cookie says so, which it sends unasked
  record Known(Principal who, boolean byCookie) implements Resolution {}

  /// Nobody that may come in.
  record Refused(Why why) implements Resolution {}

  /// Why somebody may not come in.
  enum Why {
    /// There is no key.
    MISSING("a key is needed (expected: authorization: Bearer …, or x-api-key)"),
    /// There is no such key, or it was copied badly. Which of them, nobody is told.
    UNKNOWN("the key is not known here (expected: one that tutti key create made)"),
    /// Two different keys came with one request.
    TWO("two different keys in one request (expected: one)"),
    /// It was revoked.
    REVOKED("the key was revoked"),
    /// Its time is over.
    EXPIRED("the key has expired");

    private final String message;

    Why(String message) {
      this.message = message;
    }

    /// For the one who was refused.
    public String message() {
      return message;
    }
  }
}
