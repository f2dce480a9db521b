package dev.tutti.app.cli;

/// How a command ended: the exit codes that scripts rely on.
public enum Exit {
  /// Done.
  OK(0),
  /// Tried and failed.
  FAILED(1),
  /// The command line is wrong.
  USAGE(2),
  /// This machine lacks something: a JDK, a permission, a free port.
  ENVIRONMENT(3),
  /// No key, or one that may not do this.
  AUTH(4),
  /// It works, but not all of it.
  DEGRADED(5),
  /// The hub is down, or there is no such thing.
  DOWN(6),
  /// Somebody has to say yes first.
  APPROVAL_NEEDED(7),
  /// Nobody was free in time, or the queue is full.
  TIMEOUT(8);

  private final int code;

  Exit(int code) {
    this.code = code;
  }

  /// The number the process ends with.
  public int code() {
    return code;
  }

  /// What an HTTP status of the hub means for a script.
  public static Exit ofStatus(int status) {
    return switch (status) {
      case 401, 403 -> AUTH;
      case 404, 410 -> DOWN;
      case 408, 429, 503, 504 -> TIMEOUT;
      case 428 -> APPROVAL_NEEDED;
      default -> status < 400 ? OK : FAILED;
    };
  }
}
