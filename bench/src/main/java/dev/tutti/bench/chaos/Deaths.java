package dev.tutti.bench.chaos;

import dev.tutti.testkit.EventTape;
import dev.tutti.testkit.Seed;
import dev.tutti.testkit.chaos.ChaosMesh;
import dev.tutti.testkit.chaos.ChaosNode;
import dev.tutti.testkit.chaos.Harm;
import dev.tutti.testkit.chaos.Judge;
import dev.tutti.testkit.chaos.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// One of three machines is killed under load, again and again: what becomes of the requests that
/// had no text yet, and of the answers that it was writing.
final class Deaths {
  private static final int DIRECT = 2;
  private static final int AGENTS = 1;
  private static final double REQUESTS_PER_S = 10;
  private static final int PROMPT_TOKENS = 200;
  private static final int ANSWER_TOKENS = 30;
  private static final Duration WARM = Duration.ofSeconds(2);
  private static final Duration SPREAD = Duration.ofSeconds(1);
  private static final Duration DEAD_FOR = Duration.ofSeconds(4);

  private static final double SERVED_GOAL = 0.999;

  private final int kills;
  private final long seed;
  private final boolean lan;
  private final RandomGenerator random;
  private final List<String> found = new ArrayList<>();
  private long requests;
  private long waiting;
  private long there;
  private long served;
  private long broken;
  private long resumed;
  private long honest;

  Deaths(int kills, long seed, boolean lan) {
    this.kills = kills;
    this.seed = seed;
    this.lan = lan;
    this.random = new Seed(seed).random();
  }

  boolean run() {
    try (var mesh = ChaosMesh.start(ChaosMesh.Plan.of(lan, DIRECT, AGENTS));
        var judge = new Judge()) {
      for (int kill = 0; kill < kills; kill++) {
        if (kill > 0 && kill % mesh.nodes().size() == 0) {
          mesh.restartHub();
        }
        one(mesh, judge, kill);
        System.err.println((kill + 1) + " of " + kills);
      }
    }
    var report = new Report("goal 5: one machine of three dies under load", seed);
    report.count("kills", kills);
    report.count("requests", requests);
    report.count("without_text", waiting);
    report.count("without_text_on_the_dead", there);
    report.atLeast(
        "without_text_served", waiting == 0 ? 1 : (double) served / waiting, SERVED_GOAL);
    report.count("broken_streams", broken);
    report.count("resumed_exactly", resumed);
    report.count("ended_with_an_error", honest);
    report.atLeast(
        "broken_streams_honest", broken == 0 ? 1 : (double) (resumed + honest) / broken, 1);
    report.faults(found);
    return report.end();
  }

  private void one(ChaosMesh mesh, Judge judge, int kill) {
    ChaosNode node = mesh.nodes().get(kill % mesh.nodes().size());
    String backend = mesh.backendId(node);
    try (var tape = mesh.tape();
        var callers = mesh.callers(PROMPT_TOKENS, ANSWER_TOKENS, 1_000_000L * (kill + 1))) {
      callers.start(REQUESTS_PER_S);
      Avoidance.pause(WARM.plusNanos(random.nextLong(SPREAD.toNanos())));
      node.strike(Harm.KILL, node.parts().getLast(), mesh);
      Instant at = Instant.now();
      Avoidance.pause(DEAD_FOR);
      List<Reply> replies = callers.stop();
      mesh.awaitIdle();
      List<EventTape.Event> told = Judge.settled(tape, replies);
      count(replies, told, backend, at);
      found.addAll(judge.faults(replies, told, mesh.nodes()));
      node.heal();
      mesh.awaitUp(node);
    }
  }

  private void count(
      List<Reply> replies, List<EventTape.Event> events, String backend, Instant at) {
    requests += replies.size();
    for (Reply reply : replies) {
      boolean onTheDead = isOn(reply, events, backend, at);
      if (reply.sentAt().isAfter(at) || reply.waitedAt(at)) {
        waiting++;
        there += onTheDead ? 1 : 0;
        served += reply.ending() == Reply.Ending.DONE ? 1 : 0;
        if (reply.ending() != Reply.Ending.DONE) {
          System.err.println("not served: " + reply.detail());
        }
      } else if (onTheDead && reply.streamedAt(at)) {
        broken++;
        resumed += reply.ending() == Reply.Ending.DONE ? 1 : 0;
        boolean told =
            reply.ending() == Reply.Ending.ERROR || reply.ending() == Reply.Ending.BROKEN;
        honest += told ? 1 : 0;
      }
    }
  }

  /// Whether its attempt at that moment ran there.
  private static boolean isOn(
      Reply reply, List<EventTape.Event> events, String backend, Instant at) {
    return events.stream()
        .filter(event -> event.kind().equals("task.assigned"))
        .filter(event -> event.what().path("task_id").asString("").equals(reply.task()))
        .filter(event -> !event.at().isAfter(at))
        .reduce((_, last) -> last)
        .filter(last -> last.isAbout(backend))
        .isPresent();
  }
}
