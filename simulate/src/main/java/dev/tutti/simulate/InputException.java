package dev.tutti.simulate;

/// A trace, a fleet or a wish that cannot be simulated. The message is meant for the person who
/// wrote it, and says where.
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// A fault in the input, as `field: value (expected: …)`.
  public InputException(String message) {
    super(message);
  }

  /// A fault in the input that something else found.
  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
