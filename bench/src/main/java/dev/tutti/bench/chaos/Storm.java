package dev.tutti.bench.chaos;

import dev.tutti.testkit.EventTape;
import dev.tutti.testkit.FaultProxy;
import dev.tutti.testkit.Seed;
import dev.tutti.testkit.chaos.ChaosMesh;
import dev.tutti.testkit.chaos.ChaosNode;
import dev.tutti.testkit.chaos.Judge;
import dev.tutti.testkit.chaos.Reply;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// Many engines fail at once and in turns, each in its own way: how much work is done twice.
final class Storm {
  private static final int DIRECT = 3;
  private static final int AGENTS = 3;
  private static final double REQUESTS_PER_S = 20;
  private static final int PROMPT_TOKENS = 200;
  private static final int ANSWER_TOKENS = 60;
  private static final Duration GUST = Duration.ofSeconds(2);

  private static final int MOST_BYTES = 20_000;
  private static final int MOST_CHARS = 120;
  private static final double GOAL = 1.2;

  private final double minutes;
  private final int ill;
  private final long seed;
  private final RandomGenerator random;

  /// @param ill of a hundred engines at a time: a quarter of them refuses connections, the others
  ///   cut their answers or answer 500
  Storm(double minutes, int ill, long seed) {
    this.minutes = minutes;
    this.ill = ill;
    this.seed = seed;
    this.random = new Seed(seed).random();
  }

  boolean run() {
    try (var mesh =
            ChaosMesh.start(
                ChaosMesh.Plan.of(false, DIRECT, AGENTS).withPace(16, 1_000, 40).withProxies());
        var judge = new Judge();
        var tape = mesh.tape();
        var callers = mesh.callers(PROMPT_TOKENS, ANSWER_TOKENS, 1_000_000)) {
      callers.start(REQUESTS_PER_S);
      long gusts = Math.max(1, Math.round(minutes * 60 / GUST.toSeconds()));
      for (long gust = 0; gust < gusts; gust++) {
        mesh.nodes().forEach(this::blow);
        Avoidance.pause(GUST);
      }
      mesh.nodes().forEach(node -> calm(node, new FaultProxy.Mode.Pass()));
      List<Reply> replies = callers.stop();
      mesh.awaitIdle();
      var events = Judge.settled(tape, replies);
      var report =
          new Report("goal 10: retries while " + ill + " of 100 engines are ill at a time", seed);
      report.count("requests", replies.size());
      Map<Reply.Ending, Integer> endings = new TreeMap<>();
      replies.forEach(reply -> endings.merge(reply.ending(), 1, Integer::sum));
      Map<String, Integer> whys = new TreeMap<>();
      replies.stream()
          .filter(reply -> !reply.detail().isEmpty())
          .forEach(reply -> whys.merge(shortened(reply.detail()), 1, Integer::sum));
      whys.forEach((why, count) -> System.out.println(count + " x " + why));
      endings.forEach(
          (ending, count) -> report.count(ending.name().toLowerCase(Locale.ROOT), count));
      amplification(events, report);
      report.faults(judge.faults(replies, events, mesh.nodes()));
      return report.end();
    }
  }

  /// Of the requests that any engine was given, how often one was given to an engine. A connection
  /// that is refused gives it to nobody.
  private static void amplification(List<EventTape.Event> events, Report report) {
    Map<String, Integer> given = new HashMap<>();
    int attempts = 0;
    int refused = 0;
    for (EventTape.Event event : events) {
      String task = event.what().path("task_id").asString("");
      if (event.kind().equals("task.assigned")) {
        attempts++;
        given.merge(task, 1, Integer::sum);
      } else if (event.kind().equals("task.attempt_failed")
          && event.what().path("failure").path("retry").asString("").equals("safe_not_started")) {
        refused++;
        given.merge(task, -1, Integer::sum);
      }
    }
    long requests = given.values().stream().filter(count -> count > 0).count();
    report.count("attempts", attempts);
    report.count("attempts_refused", refused);
    report.count("requests_given_to_engines", requests);
    report.atMost(
        "attempts_per_request", requests == 0 ? 1 : (double) (attempts - refused) / requests, GOAL);
  }

  /// A failure without what differs from one to the next.
  private static String shortened(String detail) {
    String same = detail.replaceAll("[0-9]{4,}", "N");
    return same.substring(0, Math.min(same.length(), MOST_CHARS));
  }

  private void blow(ChaosNode node) {
    int draw = random.nextInt(100);
    int bytes = random.nextInt(MOST_BYTES);
    int refusing = ill / 4;
    int cutting = refusing + (ill - refusing) / 2;
    if (draw < refusing) {
      calm(node, new FaultProxy.Mode.Refuse());
      node.proxy().ifPresent(FaultProxy::cutAll);
    } else if (draw < cutting) {
      calm(node, new FaultProxy.Mode.CutAfter(bytes));
    } else {
      calm(node, new FaultProxy.Mode.Pass());
      if (draw < ill) {
        node.order("500");
      }
    }
  }

  private static void calm(ChaosNode node, FaultProxy.Mode mode) {
    node.order("none");
    node.proxy().ifPresent(proxy -> proxy.set(mode));
  }
}
