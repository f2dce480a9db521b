package dev.tutti.dispatch;

/// How much longer a task waits because of those who come after it and go before it: of one asker
/// whoever must start earliest, and whoever has a higher priority. Who came lately tells who will
/// come. Owner loop only.
final class Overtaking {
  /// Arrivals that are remembered, and starts.
  private static final int KEPT = 64;

  /// Fewer arrivals than this say nothing.
  private static final int ENOUGH = 16;

  /// Arrivals all at once are thought to come again within this at the earliest, in milliseconds.
  private static final double LEAST_SPAN = 1_000;

  /// The wait is never thought to become longer than this many times.
  private static final double MOST = 3;

  private static final int ROUNDS = 4;

  private final Arrival[] arrivals = new Arrival[KEPT];
  private int count;
  private final double[] startedWork = new double[KEPT];
  private final long[] startedAt = new long[KEPT];
  private int starts;

  /// @param slack how long after it came it should have started, in milliseconds
  private record Arrival(long at, String principal, int priority, double work, double slack) {}

  /// A task has come and will be served in its turn.
  void came(Job<?, ?> job) {
    arrivals[count++ % KEPT] =
        new Arrival(
            job.submittedNanos,
            job.task.principal(),
            job.task.priority(),
            job.work,
            (job.deadline - job.submittedNanos) / 1e6);
  }

  /// A task that waited has started.
  void started(Job<?, ?> job, long now) {
    startedWork[starts % KEPT] = job.work;
    startedAt[starts++ % KEPT] = now;
  }

  /// The wait of a task with that in it.
  ///
  /// @param millis how long it would wait if nobody came after it
  /// @param ahead the work that waits before it
  double stretched(Job<?, ?> job, double millis, double ahead, long now) {
    int known = Math.min(count, KEPT);
    double pace = millis <= 0 ? 0 : Math.max(ahead / millis, pace(now));
    if (known < ENOUGH || pace <= 0) {
      return millis;
    }
    long oldest = now;
    for (int i = 0; i < known; i++) {
      oldest = Math.min(oldest, arrivals[i].at());
    }
    double span = Math.max(LEAST_SPAN, (now - oldest) / 1e6);
    double left = (job.deadline - now) / 1e6;
    double wait = millis;
    for (int round = 0; round < ROUNDS; round++) {
      double work = 0;
      for (int i = 0; i < known; i++) {
        work += arrivals[i].work() * Math.min(wait, goesBefore(arrivals[i], job, left));
      }
      wait = Math.min(MOST * millis, millis + work / span / pace);
    }
    return wait;
  }

  /// For how long, in milliseconds, one like that would still go before the task if it came.
  private static double goesBefore(Arrival other, Job<?, ?> job, double left) {
    if (other.priority() != job.task.priority()) {
      return other.priority() > job.task.priority() ? Double.MAX_VALUE : 0;
    }
    return other.principal().equals(job.task.principal()) ? Math.max(0, left - other.slack()) : 0;
  }

  /// Work that was begun in a millisecond lately.
  private double pace(long now) {
    int known = Math.min(starts, KEPT);
    if (known < ENOUGH) {
      return 0;
    }
    double work = 0;
    long oldest = now;
    for (int i = 0; i < known; i++) {
      work += startedWork[i];
      oldest = Math.min(oldest, startedAt[i]);
    }
    return work / Math.max(LEAST_SPAN, (now - oldest) / 1e6);
  }
}
