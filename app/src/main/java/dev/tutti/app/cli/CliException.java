package dev.tutti.app.cli;

/// A command that cannot go on: what to tell the person and which code to end with.
final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Exit exit;

  CliException(Exit exit, String message) {
    super(message);
    this.exit = exit;
  }

  CliException(Exit exit, String message, Throwable cause) {
    super(message, cause);
    this.exit = exit;
  }

  Exit exit() {
    return exit;
  }
}
