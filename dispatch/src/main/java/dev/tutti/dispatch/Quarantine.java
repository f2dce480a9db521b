package dev.tutti.dispatch;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/// Keeps requests away that kill engines: one that was in work on two machines when their engines
/// died is refused for a while, and not given to a third. Owner loop only.
///
/// A lost connection is a sign of death; it counts when the engine is still away a moment later.
/// Until that is known, nothing like it is started. One that was answered well does not kill: its
/// deaths are forgotten, and for a while none is counted, or who asks the same thing in a loop
/// would be refused because two machines were switched off.
final class Quarantine {
  /// A request that was there when so many machines' engines died is refused.
  static final int DEATHS = 2;

  /// For so long, counted from the last death.
  static final Duration KEPT = Duration.ofMinutes(10);

  /// The most requests remembered, of those that were struck and of those that are acquitted; those
  /// whose last death or last answer is longest ago are forgotten first.
  static final int MAX_CASES = 256;

  /// An engine that is still away so long after it broke a connection has died: by then its health
  /// was asked for.
  static final Duration CERTAIN_AFTER = Duration.ofMillis(1_500);

  private final Time time;
  private final Predicate<BackendId> isAway;
  private final LinkedHashMap<String, Case> cases = new LinkedHashMap<>();

  /// Since when each has been known to be harmless, the longest ago first.
  private final LinkedHashMap<String, Long> acquitted = new LinkedHashMap<>();

  /// @param isAway whether a backend is known and takes no work
  Quarantine(Time time, Predicate<BackendId> isAway) {
    this.time = time;
    this.isAway = isAway;
  }

  /// What is known of a request.
  enum Verdict {
    /// Nothing that speaks against it.
    FREE,
    /// It is about to be known.
    OPEN,
    /// It kills engines.
    POISONED
  }

  private static final class Case {
    /// Whether each death is certain.
    final Map<NodeId, Boolean> deaths = new HashMap<>();

    long lastNanos;
  }

  /// Whether there is anything to be careful about.
  boolean isEmpty() {
    forgetOld();
    return cases.isEmpty();
  }

  /// Such a request was answered to its end. To be told while not [#isEmpty].
  void acquit(String likeness) {
    if (!likeness.isEmpty()) {
      cases.remove(likeness);
      acquitted.remove(likeness);
      acquitted.put(likeness, time.nanos());
      if (acquitted.size() > MAX_CASES) {
        acquitted.pollFirstEntry();
      }
    }
  }

  private void forgetOld() {
    while (!cases.isEmpty() && isOld(cases.firstEntry().getValue().lastNanos)) {
      cases.pollFirstEntry();
    }
    while (!acquitted.isEmpty() && isOld(acquitted.firstEntry().getValue())) {
      acquitted.pollFirstEntry();
    }
  }

  private boolean isOld(long sinceNanos) {
    return time.nanos() - sinceNanos > KEPT.toNanos();
  }

  /// An engine broke the connection while it worked on such a request.
  ///
  /// @param likeness what all requests have in common that are to count as the same; empty for one
  ///   that is like no other
  void struck(String likeness, NodeId node, BackendId backend) {
    forgetOld();
    if (likeness.isEmpty() || acquitted.containsKey(likeness)) {
      return;
    }
    Case struck = cases.remove(likeness);
    if (struck == null) {
      struck = new Case();
    }
    cases.put(likeness, struck);
    while (cases.size() > MAX_CASES) {
      cases.pollFirstEntry();
    }
    struck.lastNanos = time.nanos();
    if (struck.deaths.putIfAbsent(node, false) == null) {
      time.after(CERTAIN_AFTER, () -> look(likeness, node, backend));
    }
  }

  private void look(String likeness, NodeId node, BackendId backend) {
    Case struck = cases.get(likeness);
    if (struck != null && isAway.test(backend)) {
      struck.deaths.replace(node, true);
    } else if (struck != null && struck.deaths.remove(node, false) && struck.deaths.isEmpty()) {
      cases.remove(likeness);
    }
  }

  /// Whether such a request may be started.
  Verdict verdict(String likeness) {
    forgetOld();
    Case struck = cases.get(likeness);
    if (struck == null) {
      return Verdict.FREE;
    }
    long certain = struck.deaths.values().stream().filter(death -> death).count();
    if (certain >= DEATHS) {
      return Verdict.POISONED;
    }
    return struck.deaths.size() >= DEATHS ? Verdict.OPEN : Verdict.FREE;
  }

  /// What its client is told.
  static Failure refusal() {
    return Failure.of(
        FailureCode.POISONED_REQUEST,
        Retry.POINTLESS,
        "the engines of "
            + DEATHS
            + " machines died while they worked on this request; it is refused for "
            + KEPT.toMinutes()
            + " minutes");
  }
}
