package dev.tutti.access.audit;

import dev.tutti.core.Time;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Writes down who was refused without letting the refused fill the log: the first of a sort at
/// once, and those that follow it as a number, each minute. Of too many sorts only the number is
/// kept. Owner loop only.
public final class RefusalTally {
  /// For so long refusals of one sort are counted before their number is written.
  public static final Duration GATHERED = Duration.ofMinutes(1);

  /// The most sorts that are told apart at a time.
  public static final int MAX_SORTS = 256;

  /// The detail with the reason.
  static final String WHY = "why";

  /// The detail with how many more there were.
  static final String AGAIN = "again";

  private final AuditLog log;
  private final Time time;
  private final Map<Sort, Count> counts = new HashMap<>();

  /// What is one sort: the same somebody, refused the same thing for the same reason.
  private record Sort(Actor who, AuditAction action, String why) {}

  private static final class Count {
    final AuditEntry first;
    long more;

    Count(AuditEntry first) {
      this.first = first;
    }
  }

  /// Writes to `log`.
  public RefusalTally(AuditLog log, Time time) {
    this.log = log;
    this.time = time;
  }

  /// Somebody was refused.
  ///
  /// @param who with the address, and with a name only where it was proved
  /// @param target of the first of its sort; whatever a stranger says is cut
  /// @param why the reason as it was told; no secret and no prompt
  public void refused(Actor who, AuditAction action, String target, String why) {
    var sort = new Sort(who, action, why);
    Count known = counts.get(sort);
    if (known != null) {
      known.more++;
    } else if (counts.size() < MAX_SORTS) {
      begin(sort, entry(sort, target));
    } else {
      var others = new Sort(new Actor(who.kind(), "", ""), action, "more than can be told apart");
      Count all = counts.get(others);
      if (all == null) {
        begin(others, entry(others, ""));
      } else {
        all.more++;
      }
    }
  }

  private static AuditEntry entry(Sort sort, String target) {
    return AuditEntry.done(sort.who, sort.action, target)
        .ended(AuditEntry.Outcome.REFUSED)
        .with(WHY, sort.why);
  }

  private void begin(Sort sort, AuditEntry first) {
    log.record(first);
    counts.put(sort, new Count(first));
    time.after(GATHERED, () -> tell(sort));
  }

  private void tell(Sort sort) {
    Count count = counts.get(sort);
    if (count != null && count.more > 0) {
      write(count);
      time.after(GATHERED, () -> tell(sort));
    } else {
      counts.remove(sort);
    }
  }

  private void write(Count count) {
    log.record(count.first.with(AGAIN, Long.toString(count.more)));
    count.more = 0;
  }

  /// Writes what was counted and not written yet.
  public void close() {
    counts.values().stream().filter(count -> count.more > 0).forEach(this::write);
    counts.clear();
  }
}
