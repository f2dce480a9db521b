package dev.tutti.access.audit;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// One thing that was done, or tried.
///
/// @param actor who
/// @param action what
/// @param target to which node, backend, key, model or file, such as `node:eve`; empty for all
/// @param outcome how it ended
/// @param details more, by name; never a prompt or a secret unless the owner opted in to prompts
public record AuditEntry(
    Actor actor, AuditAction action, String target, Outcome outcome, Map<String, String> details) {
  /// How it ended.
  public enum Outcome {
    DONE("done"),
    REFUSED("refused"),
    FAILED("failed");

    private final String wireName;

    Outcome(String wireName) {
      this.wireName = wireName;
    }

    String wireName() {
      return wireName;
    }
  }

  /// Cuts what is too long, and puts the details in order.
  public AuditEntry {
    target = AuditLimits.cut(target);
    var ordered = new TreeMap<String, String>();
    new TreeMap<>(details)
        .forEach((name, value) -> {
          if (ordered.size() < AuditLimits.MAX_DETAILS) {
            ordered.put(AuditLimits.cut(name), AuditLimits.cut(value));
          }
        });
    details = Collections.unmodifiableSortedMap(ordered);
  }

  /// Something that was done.
  public static AuditEntry done(Actor actor, AuditAction action, String target) {
    return new AuditEntry(actor, action, target, Outcome.DONE, Map.of());
  }

  /// The same with a detail more.
  public AuditEntry with(String name, String value) {
    var more = new TreeMap<>(details);
    more.put(name, value);
    return new AuditEntry(actor, action, target, outcome, more);
  }

  /// The same with another end.
  public AuditEntry ended(Outcome other) {
    return new AuditEntry(actor, action, target, other, details);
  }
}
