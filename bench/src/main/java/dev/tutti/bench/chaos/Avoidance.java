package dev.tutti.bench.chaos;

import dev.tutti.testkit.EventTape;
import dev.tutti.testkit.Seed;
import dev.tutti.testkit.chaos.ChaosMesh;
import dev.tutti.testkit.chaos.ChaosNode;
import dev.tutti.testkit.chaos.ChaosNode.Part;
import dev.tutti.testkit.chaos.Harm;
import dev.tutti.testkit.chaos.Judge;
import dev.tutti.testkit.chaos.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/// How soon work avoids a machine that crashed or fell silent, and how soon what it was given and
/// had not answered yet begins elsewhere. Six engines, three of them behind agents; two machines
/// are hurt at a time, so that the hub has no reason to doubt itself.
///
/// Each machine is hurt once in a hub's life: one that falls again within two minutes is held back
/// when it returns, and who is given no work proves nothing.
final class Avoidance {
  private static final int DIRECT = 3;
  private static final int AGENTS = 3;
  private static final int LANES = 2;
  private static final double REQUESTS_PER_S = 12;
  private static final int PROMPT_TOKENS = 200;
  private static final int ANSWER_TOKENS = 30;
  private static final Duration WARM = Duration.ofSeconds(2);

  /// Longer than the hub takes to know.
  private static final Duration CRASHED_FOR = Duration.ofSeconds(4);

  private static final Duration SILENT_FOR = Duration.ofSeconds(11);
  private static final Duration BETWEEN = Duration.ofMillis(1_500);

  private static final double CRASH_GOAL = 1;
  private static final double SILENCE_GOAL = 3;
  private static final double AGAIN_GOAL = 8;

  private final int faults;
  private final long seed;
  private final boolean lan;
  private final RandomGenerator random;
  private final Map<String, Row> rows = new TreeMap<>();
  private final List<String> found = new ArrayList<>();
  private final List<Harm> bag = new ArrayList<>();
  private int done;
  private long requests;

  Avoidance(int faults, long seed, boolean lan) {
    this.faults = faults;
    this.seed = seed;
    this.lan = lan;
    this.random = new Seed(seed).random();
  }

  /// What is to be done to whom.
  private record Plan(ChaosNode node, String backend, Harm harm, Part part) {}

  /// What was done to whom and when.
  private record Blow(
      ChaosNode node, String backend, Harm harm, Part part, Instant at, Instant healedAt) {
    String row() {
      return harm.name().toLowerCase(Locale.ROOT)
          + (node.hasAgent() ? ", agent: " + part.name().toLowerCase(Locale.ROOT) : "");
    }
  }

  private static final class Row {
    private final boolean silent;
    private final Times avoided = new Times();
    private final Times again = new Times();

    Row(boolean silent) {
      this.silent = silent;
    }
  }

  boolean run() {
    // Each machine has its turn, whatever the hub expects of it.
    var plan = ChaosMesh.Plan.of(lan, DIRECT, AGENTS).choosing("round-robin");
    try (var mesh = ChaosMesh.start(plan);
        var judge = new Judge()) {
      while (done < faults) {
        if (done > 0) {
          mesh.restartHub();
        }
        round(mesh, judge);
        System.err.println(done + " of " + faults);
      }
    }
    return report();
  }

  // ---- one hub's life

  private void round(ChaosMesh mesh, Judge judge) {
    List<Plan> plans = plans(mesh);
    List<Blow> blows = Collections.synchronizedList(new ArrayList<>());
    try (var tape = mesh.tape();
        var callers = mesh.callers(PROMPT_TOKENS, ANSWER_TOKENS, 1_000_000L * (done + 1));
        var lanes = Executors.newVirtualThreadPerTaskExecutor()) {
      callers.start(REQUESTS_PER_S);
      pause(WARM);
      var running = new ArrayList<CompletableFuture<Void>>();
      for (int lane = 0; lane < LANES; lane++) {
        int first = lane;
        List<Plan> mine = every(plans, first);
        running.add(
            CompletableFuture.runAsync(
                () -> {
                  pause(BETWEEN.multipliedBy(first));
                  mine.forEach(plan -> blows.add(blow(mesh, plan)));
                },
                lanes));
      }
      running.forEach(CompletableFuture::join);
      List<Reply> replies = callers.stop();
      mesh.awaitIdle();
      requests += replies.size();
      List<EventTape.Event> told = Judge.settled(tape, replies);
      blows.forEach(blow -> measure(blow, told, replies));
      found.addAll(judge.faults(replies, told, mesh.nodes()));
    }
    done += blows.size();
  }

  /// What is to be done to whom, in this order; each machine once.
  private List<Plan> plans(ChaosMesh mesh) {
    List<ChaosNode> order = new ArrayList<>(mesh.nodes());
    Collections.shuffle(order, random);
    var plans = new ArrayList<Plan>();
    for (ChaosNode node : order.subList(0, Math.min(order.size(), faults - done))) {
      Harm harm = next();
      List<Part> parts = node.parts();
      Part part = harm.ofCables() ? Part.MACHINE : parts.get(random.nextInt(parts.size()));
      plans.add(new Plan(node, mesh.backendId(node), harm, part));
    }
    return plans;
  }

  /// Each harm as often as the others.
  private Harm next() {
    if (bag.isEmpty()) {
      bag.addAll(lan ? List.of(Harm.KILL, Harm.STOP, Harm.UNPLUG) : List.of(Harm.KILL, Harm.STOP));
      Collections.shuffle(bag, random);
    }
    return bag.removeLast();
  }

  private static List<Plan> every(List<Plan> plans, int lane) {
    var mine = new ArrayList<Plan>();
    for (int i = lane; i < plans.size(); i += LANES) {
      mine.add(plans.get(i));
    }
    return mine;
  }

  private static Blow blow(ChaosMesh mesh, Plan plan) {
    ChaosNode node = plan.node();
    node.strike(plan.harm(), plan.part(), mesh);
    Instant at = Instant.now();
    pause(plan.harm().isSilent() ? SILENT_FOR : CRASHED_FOR);
    Instant healedAt = Instant.now();
    node.heal();
    mesh.awaitUp(node);
    pause(BETWEEN);
    return new Blow(node, plan.backend(), plan.harm(), plan.part(), at, healedAt);
  }

  static void pause(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  // ---- what came of a blow

  private void measure(Blow blow, List<EventTape.Event> events, List<Reply> replies) {
    Row row = rows.computeIfAbsent(blow.row(), _ -> new Row(blow.harm().isSilent()));
    Duration last = Duration.ZERO;
    var again = new Times();
    Map<String, Reply> byTask = new HashMap<>();
    replies.forEach(reply -> byTask.put(reply.task(), reply));
    for (int i = 0; i < events.size(); i++) {
      EventTape.Event event = events.get(i);
      boolean here =
          event.kind().equals("task.assigned")
              && event.isAbout(blow.backend())
              && event.at().isBefore(blow.healedAt());
      if (!here) {
        continue;
      }
      if (event.at().isAfter(blow.at())) {
        last = Duration.between(blow.at(), event.at());
      }
      Reply reply = byTask.get(event.what().path("task_id").asString(""));
      if (reply != null) {
        again(blow, event, events.subList(i + 1, events.size()), reply, again);
      }
    }
    row.avoided.add(last);
    row.again.addAll(again);
    double limit = blow.harm().isSilent() ? SILENCE_GOAL : CRASH_GOAL;
    if (last.toNanos() / 1e9 > limit || again.max() > AGAIN_GOAL) {
      tell(blow, events, last);
    }
  }

  /// What the hub thought of the machine meanwhile.
  private static void tell(Blow blow, List<EventTape.Event> events, Duration last) {
    System.err.println(blow.row() + " of " + blow.backend() + ": last new attempt after " + last);
    for (EventTape.Event event : events) {
      boolean about =
          event.what().path("backend_id").asString("").equals(blow.backend())
              || event.kind().startsWith("node.")
              || (event.kind().startsWith("task.a") && event.isAbout(blow.backend()));
      boolean then =
          event.at().isAfter(blow.at().minus(BETWEEN))
              && event.at().isBefore(blow.healedAt().plus(BETWEEN));
      if (about && then) {
        System.err.printf(
            Locale.ROOT,
            "  %+7.2f s %s %s %s %s %s%n",
            Duration.between(blow.at(), event.at()).toNanos() / 1e9,
            event.kind(),
            event.what().path("task_id").asString(event.what().path("node_id").asString("")),
            event.what().path("health").asString(event.what().path("status").asString("")),
            event.what().path("failure").path("message").asString(""),
            event.kind().startsWith("task.") ? "" : event.what().path("why").asString(""));
      }
    }
  }

  /// The time in which an attempt without text was begun elsewhere, if it was there at the blow or
  /// came after it.
  private static void again(
      Blow blow, EventTape.Event begun, List<EventTape.Event> later, Reply reply, Times times) {
    Instant from = begun.at().isAfter(blow.at()) ? begun.at() : blow.at();
    String task = begun.what().path("task_id").asString("");
    Instant until =
        later.stream()
            .filter(event -> event.what().path("task_id").asString("").equals(task))
            .filter(event ->
                event.kind().equals("task.assigned") || event.kind().equals("task.finished"))
            .map(EventTape.Event::at)
            .findFirst()
            .orElse(reply.endedAt());
    boolean waited = reply.begunAt().filter(text -> !text.isAfter(until)).isEmpty();
    if (waited && until.isAfter(blow.at())) {
      times.add(Duration.between(from, until));
    }
  }

  private boolean report() {
    var report = new Report("goal 1: new work avoids who is gone", seed);
    report.table(
        "what was done",
        "faults",
        "last new attempt p50 s",
        "p99",
        "max",
        "begun again",
        "p50 s",
        "p99",
        "max");
    rows.forEach((name, row) ->
        report.row(
            name,
            "" + row.avoided.count(),
            Report.seconds(row.avoided.quantile(0.5)),
            Report.seconds(row.avoided.quantile(0.99)),
            Report.seconds(row.avoided.max()),
            "" + row.again.count(),
            Report.seconds(row.again.quantile(0.5)),
            Report.seconds(row.again.quantile(0.99)),
            Report.seconds(row.again.max())));
    System.out.println();
    report.count("requests", requests);
    report.count("blows", done);
    report.atMost("crash_avoided_p99_s", all(false).quantile(0.99), CRASH_GOAL);
    report.figure("crash_avoided_max_s", all(false).max());
    report.atMost("silence_avoided_p99_s", all(true).quantile(0.99), SILENCE_GOAL);
    report.figure("silence_avoided_max_s", all(true).max());
    Times again = Times.of(rows.values().stream().map(row -> row.again).toList());
    report.count("begun_again", again.count());
    report.atMost("begun_again_p99_s", again.quantile(0.99), AGAIN_GOAL);
    report.figure("begun_again_max_s", again.max());
    report.faults(found);
    return report.end();
  }

  private Times all(boolean silent) {
    return Times.of(
        rows.values().stream()
            .filter(row -> row.silent == silent)
            .map(row -> row.avoided)
            .toList());
  }
}
