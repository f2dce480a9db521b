package dev.tutti.worklist;

import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Claims items, has them worked on, and records how they ended. Owner loop only.
///
/// Of each model only a few items wait for an engine at a time, so that interactive work finds the
/// queue free; as engines take them, more are claimed. A model that is refused rests for a while.
final class Runner {
  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

  /// Waits are spread over this share of themselves, so that not everything comes back at once.
  private static final double JITTER = 0.25;

  private final WorkStore store;
  private final Worker worker;
  private final Time time;
  private final Executor loop;
  private final RandomGenerator random;
  private final WorkLimits limits;
  private final Heard heard;

  private final Map<TaskId, Run> runs = new HashMap<>();
  private final Map<String, Integer> waiting = new HashMap<>();
  private final Map<String, Rest> resting = new HashMap<>();

  /// What was cancelled while a claim was under way that may hold it.
  private final Set<TaskId> unwanted = new HashSet<>();

  private final Set<String> unwantedBatches = new HashSet<>();

  private long epoch;
  private long begunNanos;
  private boolean claiming;
  private boolean claimAgain;
  private boolean stopped;
  private Duration trouble = Duration.ZERO;

  /// Who hears of changes.
  interface Heard {
    /// An item's state has changed.
    void changed(TaskId id);

    /// No item of the batch is open any more.
    void ended(String batch);
  }

  Runner(
      WorkStore store,
      Worker worker,
      Time time,
      Executor loop,
      RandomGenerator random,
      WorkLimits limits,
      Heard heard) {
    this.store = store;
    this.worker = worker;
    this.time = time;
    this.loop = loop;
    this.random = random;
    this.limits = limits;
    this.heard = heard;
  }

  /// From now on items are claimed.
  void begin(long epoch) {
    this.epoch = epoch;
    this.begunNanos = time.nanos();
    look();
  }

  int underWay() {
    return runs.size();
  }

  /// Claims what may begin now. Called whenever that may be more than before.
  void look() {
    if (claiming) {
      claimAgain = true;
      return;
    }
    int room = limits.underWay() - runs.size();
    if (stopped || epoch == 0 || room <= 0 || resting.size() >= WorkLimits.MAX_RESTING) {
      return;
    }
    var without = new HashSet<String>();
    waiting.forEach((model, count) -> {
      if (count >= limits.lookahead()) {
        without.add(model);
      }
    });
    resting.forEach((model, rest) -> {
      if (!rest.over) {
        without.add(model);
      }
    });
    claiming = true;
    claimAgain = false;
    var _ =
        store
            .claim(epoch, Math.min(room, limits.lookahead()), Set.copyOf(without), time.now())
            .whenCompleteAsync(this::claimed, loop);
  }

  private void claimed(@Nullable List<Claim> claims, @Nullable Throwable fault) {
    claiming = false;
    if (claims == null) {
      LOG.warn("Longer work cannot be claimed. cause={}", message(fault));
      time.after(nextTrouble(), this::look);
      return;
    }
    trouble = Duration.ZERO;
    for (Claim claim : claims) {
      begin(claim);
    }
    unwanted.clear();
    unwantedBatches.clear();
    if (!claims.isEmpty() || claimAgain) {
      look();
    }
  }

  private void begin(Claim claim) {
    Item item = claim.item();
    var run = new Run(claim);
    runs.put(item.id(), run);
    if (stopped) {
      run.release(false);
    } else if (unwanted.contains(item.id())
        || item.batch().filter(unwantedBatches::contains).isPresent()) {
      run.record(ItemResult.unanswered(ItemState.CANCELLED));
    } else if (!time.now().isBefore(item.expiresAt())) {
      run.record(ItemResult.unanswered(ItemState.EXPIRED));
    } else {
      run.start();
    }
    heard.changed(item.id());
  }

  /// Ends an item that is under way, or about to be.
  ///
  /// @return told when that is recorded; empty when it is not under way
  Optional<CompletableFuture<Boolean>> cancel(TaskId id) {
    Run run = runs.get(id);
    if (run != null) {
      run.end(ItemState.CANCELLED);
      return Optional.of(run.over);
    }
    if (claiming) {
      unwanted.add(id);
    }
    return Optional.empty();
  }

  /// A batch is going to be cancelled: what is claimed of it from now on is not begun.
  void cancelling(String batch) {
    if (claiming) {
      unwantedBatches.add(batch);
    }
  }

  /// Ends whatever is under way of a batch.
  void cancelBatch(String batch) {
    for (Run run : List.copyOf(runs.values())) {
      if (run.claim.item().batch().filter(batch::equals).isPresent()) {
        run.end(ItemState.CANCELLED);
      }
    }
  }

  /// Ends what is under way and whose time has run out, and forgets rests that nobody needs.
  void tidy() {
    var now = time.now();
    for (Run run : List.copyOf(runs.values())) {
      if (!now.isBefore(run.claim.item().expiresAt())) {
        run.end(ItemState.EXPIRED);
      }
    }
    resting.values().removeIf(rest -> rest.over && --rest.rounds <= 0);
    look();
  }

  /// Begins nothing more, and puts back what is under way.
  CompletableFuture<Void> stop() {
    stopped = true;
    var released = new ArrayList<CompletableFuture<Boolean>>();
    for (Run run : List.copyOf(runs.values())) {
      if (run.stage == Stage.WORKING) {
        run.leave();
        run.release(false);
      }
      released.add(run.over);
    }
    return CompletableFuture.allOf(released.toArray(CompletableFuture[]::new));
  }

  private void rest(String model, Duration notBefore) {
    Rest rest = resting.computeIfAbsent(model, _ -> new Rest());
    if (!rest.over) {
      return;
    }
    rest.over = false;
    rest.rounds = Rest.ROUNDS;
    rest.wait = next(rest.wait);
    Duration longest = WorkLimits.RETRY_MOST;
    Duration asked = notBefore.compareTo(longest) > 0 ? longest : notBefore;
    Duration wait = asked.compareTo(rest.wait) > 0 ? asked : rest.wait;
    double spread = 1 + JITTER * (random.nextDouble() - 0.5);
    time.after(
        Duration.ofNanos((long) (wait.toNanos() * spread)),
        () -> {
          rest.over = true;
          look();
        });
  }

  private boolean isYoung() {
    return time.nanos() - begunNanos < WorkLimits.YOUNG.toNanos();
  }

  private Duration nextTrouble() {
    trouble = next(trouble);
    return trouble;
  }

  private Duration next(Duration wait) {
    Duration twice = wait.multipliedBy(2);
    if (twice.compareTo(limits.retry()) < 0) {
      return limits.retry();
    }
    return twice.compareTo(WorkLimits.RETRY_MOST) > 0 ? WorkLimits.RETRY_MOST : twice;
  }

  private static String message(@Nullable Throwable fault) {
    return fault == null ? "nothing was told" : String.valueOf(fault.getMessage());
  }

  /// A model that nobody had time for.
  private static final class Rest {
    /// Rounds of tidying after which it is forgotten.
    private static final int ROUNDS = 12;

    private Duration wait = Duration.ZERO;
    private boolean over = true;
    private int rounds = ROUNDS;
  }

  private enum Stage {
    WORKING,
    SETTLING
  }

  /// A claimed item.
  private final class Run implements Worker.Progress {
    private final Claim claim;
    private final CompletableFuture<Boolean> over = new CompletableFuture<>();
    private Stage stage = Stage.WORKING;
    private boolean waits;
    private Worker.@Nullable Hold hold;
    private Duration wait = Duration.ZERO;

    Run(Claim claim) {
      this.claim = claim;
    }

    void start() {
      waits = true;
      waiting.merge(claim.item().model(), 1, Integer::sum);
      Worker.Hold begun = worker.run(claim.item(), this);
      if (stage == Stage.WORKING) {
        hold = begun;
      }
    }

    @Override
    public void started() {
      if (waits) {
        waitsNoMore();
        resting.remove(claim.item().model());
        look();
      }
    }

    @Override
    public void ended(Worker.Ending ending) {
      if (stage != Stage.WORKING) {
        return;
      }
      waitsNoMore();
      switch (Verdict.of(ending, claim.attempts(), limits, isYoung())) {
        case Verdict.End(ItemResult result) -> record(result);
        case Verdict.Again(boolean counted, Duration notBefore) -> {
          rest(claim.item().model(), notBefore);
          release(counted);
        }
      }
    }

    /// Ends it at somebody's wish; what was answered before that stays.
    void end(ItemState state) {
      if (stage == Stage.WORKING) {
        leave();
        record(ItemResult.unanswered(state));
      }
    }

    void leave() {
      waitsNoMore();
      if (hold != null) {
        hold.cancel();
      }
    }

    private void waitsNoMore() {
      if (waits) {
        waits = false;
        waiting.computeIfPresent(claim.item().model(), (_, count) -> count > 1 ? count - 1 : null);
      }
    }

    void record(ItemResult result) {
      stage = Stage.SETTLING;
      var _ =
          store
              .finish(claim.item().id(), claim.fence(), result, time.now())
              .whenCompleteAsync(
                  (ended, fault) -> {
                    if (ended == null) {
                      again(fault, () -> record(result));
                    } else {
                      settled(ended.recorded());
                      ended.batch().ifPresent(heard::ended);
                    }
                  },
                  loop);
    }

    void release(boolean counted) {
      stage = Stage.SETTLING;
      var _ =
          store
              .release(claim.item().id(), claim.fence(), counted)
              .whenCompleteAsync(
                  (released, fault) -> {
                    if (released == null) {
                      again(fault, () -> release(counted));
                    } else {
                      settled(released);
                    }
                  },
                  loop);
    }

    /// The store does not write at the moment. What is known is kept, and since this counts as
    /// under way, less and less is claimed.
    private void again(@Nullable Throwable fault, Runnable action) {
      LOG.warn(
          "A result cannot be recorded yet. task={} cause={}", claim.item().id(), message(fault));
      wait = next(wait);
      if (stopped) {
        // The next life does it again.
        settled(false);
      } else {
        time.after(wait, action);
      }
    }

    private void settled(boolean recorded) {
      runs.remove(claim.item().id());
      if (!recorded) {
        LOG.debug("A claim was void. task={}", claim.item().id());
      }
      over.complete(recorded);
      heard.changed(claim.item().id());
      look();
    }
  }
}
