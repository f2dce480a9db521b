package dev.tutti.dispatch;

import dev.tutti.core.Failure;
import dev.tutti.core.TaskId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who is under way, and who ended last and how. Owner loop only.
final class Ledger<W, E> {
  private final Map<TaskId, Job<W, E>> jobs = new LinkedHashMap<>();
  private final ArrayDeque<TaskRecord> finished = new ArrayDeque<>();
  private final int keep;

  /// @param keep how many ended tasks are remembered
  Ledger(int keep) {
    this.keep = keep;
  }

  void open(Job<W, E> job) {
    jobs.put(job.task.id(), job);
  }

  @Nullable Job<W, E> find(TaskId id) {
    return jobs.get(id);
  }

  Collection<Job<W, E>> underWay() {
    return Collections.unmodifiableCollection(jobs.values());
  }

  List<TaskRecord> finished() {
    return List.copyOf(finished);
  }

  TaskRecord close(
      Job<W, E> job, Outcome outcome, @Nullable Failure failure, AnswerUsage usage, long now) {
    jobs.remove(job.task.id());
    Run<W, E> run = job.run;
    var ended =
        new TaskRecord(
            job.task.id(),
            job.task.type(),
            job.task.model(),
            Optional.ofNullable(run).map(last -> last.assignment),
            job.task.principal(),
            job.submittedAt,
            Duration.ofNanos(job.queuedNanos),
            run == null || run.events == 0
                ? Duration.ZERO
                : Duration.ofNanos(run.firstNanos - job.submittedNanos),
            Duration.ofNanos(now - job.submittedNanos),
            usage,
            run == null ? 0 : run.events,
            job.attempts,
            outcome,
            Optional.ofNullable(failure));
    finished.addLast(ended);
    while (finished.size() > keep) {
      finished.removeFirst();
    }
    return ended;
  }
}
