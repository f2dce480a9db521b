package dev.tutti.app.cli;

/// The few colours of our tables. Colour only repeats what the words say.
enum Paint {
  NONE(""),
  GOOD("32"),
  WARN("33"),
  BAD("31"),
  FAINT("2"),
  STRONG("1"),
  SIMULATED("35");

  private final String code;

  Paint(String code) {
    this.code = code;
  }

  String apply(String text, Output.Look look) {
    return switch (look) {
      case PLAIN -> text;
      case COLOR ->
          code.isEmpty() || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    };
  }

  /// The colour of a state's word.
  static Paint ofState(String state) {
    return switch (state) {
      case "idle", "up", "ok", "done", "ready", "busy", "running" -> GOOD;
      case "pending",
          "drained",
          "draining",
          "degraded",
          "unknown",
          "queued",
          "warning",
          "suspect",
          "gray" ->
          WARN;
      case "offline", "down", "failed", "error", "refused" -> BAD;
      default -> NONE;
    };
  }
}
