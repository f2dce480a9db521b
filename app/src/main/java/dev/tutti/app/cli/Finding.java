package dev.tutti.app.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// One thing that the doctor found out.
///
/// @param id stays the same from version to version, for scripts
/// @param severity how bad it is
/// @param cause what is so
/// @param fix what to type or do; empty when nothing has to be done
/// @param repair does the fix, where it is safe to do it without asking
record Finding(String id, Severity severity, String cause, String fix, Optional<Repair> repair) {

  /// How bad a finding is.
  enum Severity {
    OK,
    INFO,
    WARNING,
    ERROR;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Mends what was found.
  @FunctionalInterface
  interface Repair {
    void run() throws IOException;
  }

  static Finding ok(String id, String cause) {
    return new Finding(id, Severity.OK, cause, "", Optional.empty());
  }

  static Finding of(String id, Severity severity, String cause, String fix) {
    return new Finding(id, severity, cause, fix, Optional.empty());
  }

  ObjectNode toJson() {
    return Json.object()
        .put("id", id)
        .put("severity", severity.wireName())
        .put("cause", cause)
        .put("fix", fix)
        .put("fixable", repair.isPresent());
  }
}
