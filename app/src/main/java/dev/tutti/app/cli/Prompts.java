package dev.tutti.app.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// What `run`, `embed` and `chat` have in common.
final class Prompts {
  /// The longest text that is read from standard input, in bytes.
  private static final int MAX_PIPED_BYTES = 16 << 20;

  private Prompts() {}

  /// What was piped in; nothing when a person sits there.
  static String piped(Session session) {
    if (session.streams().terminal()) {
      return "";
    }
    try {
      var text = session.streams().in().readNBytes(MAX_PIPED_BYTES + 1);
      if (text.length > MAX_PIPED_BYTES) {
        throw new CliException(
            Exit.USAGE, "standard input over " + MAX_PIPED_BYTES + " bytes (expected: less)");
      }
      return new String(text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CliException(Exit.FAILED, "cannot read standard input: " + e.getMessage(), e);
    }
  }

  /// Tells a person who might not know it that no real model wrote the answer.
  static void warnIfSimulated(HubClient.Answer answer, Output out) {
    if (isSimulated(answer)) {
      out.note(Output.SIMULATED + ": no real model wrote this");
    }
  }

  static boolean isSimulated(HubClient.Answer answer) {
    return answer.told("simulated").equals("true") || answer.told("model").startsWith("sim/");
  }
}
