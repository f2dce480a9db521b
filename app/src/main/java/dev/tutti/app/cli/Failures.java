package dev.tutti.app.cli;

/// Tells a person, or a script, why a command failed.
final class Failures {
  private Failures() {}

  /// Writes the reason to standard error and returns the exit code.
  static int tell(Exception exception, Session session) {
    // What was printed so far comes first.
    session.streams().out().flush();
    if (exception instanceof CliException known) {
      tell(known.exit(), String.valueOf(known.getMessage()), session);
      return known.exit().code();
    }
    tell(Exit.FAILED, "unexpected " + exception, session);
    if (session.environment().variable("TUTTI_DEBUG").isPresent()) {
      exception.printStackTrace(session.streams().err());
    }
    return Exit.FAILED.code();
  }

  private static void tell(Exit exit, String message, Session session) {
    if (session.json()) {
      var document = Json.object();
      document.putObject("error").put("exit", exit.code()).put("message", message);
      session.streams().err().println(document);
    } else {
      session.streams().err().println("tutti: " + Text.harmless(message));
    }
  }
}
