package dev.tutti.e2e.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.e2e.MovedClock;
import dev.tutti.testkit.EventTape;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.Seed;
import dev.tutti.testkit.Seeds;
import dev.tutti.testkit.chaos.ChaosMesh;
import dev.tutti.testkit.chaos.ChaosNode;
import dev.tutti.testkit.chaos.ChaosNode.Part;
import dev.tutti.testkit.chaos.Harm;
import dev.tutti.testkit.chaos.Judge;
import dev.tutti.testkit.chaos.Lan;
import dev.tutti.testkit.chaos.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Engines and agents are killed, stopped, unplugged and made deaf or mute while clients ask. Each
/// request must have one honest end, no text may lose or double a byte, and nothing may be run that
/// the hub did not order. `-Dseed=N` plays another course.
class ChaosTest {
  private static final int DIRECT = 2;
  private static final int AGENTS = 1;
  private static final double REQUESTS_PER_S = 8;
  private static final int PROMPT_TOKENS = 120;
  private static final int ANSWER_TOKENS = 40;

  private static final int BLOWS = 2;
  private static final Duration SHORTEST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(3);

  /// Longer than a hub waits for one that is silent.
  private static final Duration SILENT_FOR_GOOD = Duration.ofSeconds(9);

  private static final Duration GOES_ON_WITHIN = Duration.ofSeconds(30);

  private static final List<Duration> JUMPS =
      List.of(Duration.ofHours(1), Duration.ofHours(-2), Duration.ofDays(3_650), Duration.ZERO);

  @TempDir private Path folder;

  @Seeds(1)
  void every_request_ends_honestly_whatever_happens_to_machines(Seed seed) {
    Optional<String> missing = Lan.whyMissing();
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    hurt(ChaosMesh.Plan.of(true, DIRECT, AGENTS), Arrays.asList(Harm.values()), seed);
  }

  @Seeds(1)
  void every_request_ends_honestly_whatever_happens_to_processes(Seed seed) {
    Assumptions.assumeTrue(
        Lan.whyMissing().isPresent(), "machines with cables can be had: see the other test");
    hurt(ChaosMesh.Plan.of(false, DIRECT, AGENTS), List.of(Harm.KILL, Harm.STOP), seed);
  }

  @Test
  void a_clock_that_jumps_hurts_nobody() {
    var clock = new MovedClock(folder.resolve("clock"));
    var plan = ChaosMesh.Plan.of(false, 1, 1).with(clock.environment());
    try (var mesh = ChaosMesh.start(plan);
        var tape = mesh.tape();
        var callers = mesh.callers(PROMPT_TOKENS, ANSWER_TOKENS, 1)) {
      callers.start(REQUESTS_PER_S);
      for (Duration jump : JUMPS) {
        clock.set(jump);
        int before = callers.soFar().size();
        Eventually.until(
            "clients go on",
            GOES_ON_WITHIN,
            () -> callers.soFar().size() > before + REQUESTS_PER_S);
      }
      List<Reply> replies = callers.stop();
      assertThat(replies).extracting(Reply::ending).containsOnly(Reply.Ending.DONE);
      assertThat(tape.events().stream().map(EventTape.Event::kind))
          .doesNotContain("backend.changed", "node.changed", "task.attempt_failed");
    }
  }

  /// Two at a time are hurt, each in turns of its own, one of them for longer than the hub waits.
  private static void hurt(ChaosMesh.Plan plan, List<Harm> harms, Seed seed) {
    RandomGenerator random = seed.random();
    try (var mesh = ChaosMesh.start(plan);
        var judge = new Judge();
        var tape = mesh.tape();
        var callers = mesh.callers(PROMPT_TOKENS, ANSWER_TOKENS, 1)) {
      var story = new ArrayList<String>();
      callers.start(REQUESTS_PER_S);
      try {
        var first = turns(mesh, mesh.nodes().subList(0, 2), harms, random, false, story);
        var second = turns(mesh, mesh.nodes().subList(2, 3), harms, random, true, story);
        CompletableFuture.allOf(first, second).join();
        mesh.awaitBack();
        List<Reply> replies = callers.stop();
        mesh.awaitIdle();
        assertThat(judge.faults(replies, Judge.settled(tape, replies), mesh.nodes())).isEmpty();
        assertThat(replies)
            .filteredOn(reply -> reply.ending() == Reply.Ending.DONE)
            .as("most are answered")
            .hasSizeGreaterThan(replies.size() * 3 / 4);
      } catch (AssertionError e) {
        throw new AssertionError(
            seed + "\n" + e.getMessage() + "\n" + String.join("\n", story) + "\n" + mesh.story(),
            e);
      }
    }
  }

  /// What is drawn is drawn at once, so that the course hangs on the seed alone.
  private static CompletableFuture<Void> turns(
      ChaosMesh mesh,
      List<ChaosNode> nodes,
      List<Harm> harms,
      RandomGenerator random,
      boolean outlasting,
      List<String> story) {
    CompletableFuture<Void> course = CompletableFuture.completedFuture(null);
    for (int blow = 0; blow < BLOWS; blow++) {
      ChaosNode node = nodes.get(random.nextInt(nodes.size()));
      Harm harm = harms.get(random.nextInt(harms.size()));
      List<Part> parts = node.parts();
      Part part = harm.ofCables() ? Part.MACHINE : parts.get(random.nextInt(parts.size()));
      Duration before = between(random, SHORTEST, SHORTEST.multipliedBy(3));
      Duration drawn = between(random, SHORTEST, LONGEST);
      Duration lasts = outlasting && blow == 0 ? SILENT_FOR_GOOD : drawn;
      story.add(node.name() + " " + harm + " " + part + " after " + before + " for " + lasts);
      course =
          course
              .thenRunAsync(() -> node.strike(harm, part, mesh), after(before))
              .thenRunAsync(node::heal, after(lasts));
    }
    return course;
  }

  private static Duration between(RandomGenerator random, Duration from, Duration to) {
    return Duration.ofMillis(random.nextLong(from.toMillis(), to.toMillis()));
  }

  private static Executor after(Duration wait) {
    return CompletableFuture.delayedExecutor(wait.toMillis(), TimeUnit.MILLISECONDS);
  }
}
