package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.ChainModel;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.LlamaServer;
import dev.tutti.testkit.TuttiProcess;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An engine is killed and comes back while clients keep coming.
final class FailoverUnderLoadTest {
  private static final String MODEL = "chain";
  private static final int ENGINES = 3;
  private static final int SLOTS = 2;

  private static final Duration LOAD = Duration.ofSeconds(30);
  private static final Duration KILL_AFTER = Duration.ofSeconds(8);
  private static final Duration RESTART_AFTER = Duration.ofSeconds(16);

  /// From the kill to the last moment in which the dead engine may be given work.
  private static final Duration NOTICED_WITHIN = Duration.ofSeconds(1);

  /// From the engine's first good health answer to its first answer to a client.
  private static final Duration USED_AGAIN_WITHIN = Duration.ofSeconds(5);

  /// Of what two engines can do, so that the load is bearable while one is dead.
  private static final double SHARE_OF_CAPACITY = 0.5;

  /// Clients come in groups as large as the mesh has engines, so that each gets work.
  private static final int GROUP = ENGINES;

  private static final int CALIBRATION_ROUNDS = 3;
  private static final Duration LAST_ANSWER_WITHIN = Duration.ofMinutes(2);
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(10);

  @TempDir private Path folder;

  /// What was done to the engine, and when.
  ///
  /// @param active what ran on it when it was chosen
  /// @param downSince when the kill was complete
  /// @param restartedAt when the restart began
  /// @param healthyAt when it answered that it is healthy
  private record Outage(
      String backend, int active, Instant downSince, Instant restartedAt, Instant healthyAt) {}

  @Test
  void a_killed_engine_costs_only_what_it_had_begun_and_is_used_again_when_back()
      throws Exception {
    var binary = LlamaServer.require();
    Path model = folder.resolve("chain.gguf");
    ChainModel.write(model, ChainModel.Pace.SLOW);
    List<LlamaServer> engines = new ArrayList<>();
    try {
      for (int engine = 0; engine < ENGINES; engine++) {
        engines.add(LlamaServer.start(binary, model, SLOTS, "--alias", MODEL, "--jinja"));
      }
      underLoad(engines);
    } finally {
      engines.forEach(LlamaServer::close);
    }
  }

  private static void underLoad(List<LlamaServer> engines) throws Exception {
    List<String> words = new ArrayList<>(List.of("--no-discover"));
    engines.forEach(engine -> words.addAll(List.of("--backend", engine.url())));
    try (var hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), words.toArray(String[]::new));
        var api = new HubApi(hub.url());
        var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Eventually.until(
          "all engines are up",
          LlamaServer.START_DEADLINE,
          () ->
              engines.stream()
                  .allMatch(
                      engine ->
                          api.backendAt(engine.url())
                              .filter(each -> each.path("health").asString().equals("up"))
                              .isPresent()));
      Duration between = betweenGroups(http, hub.url(), clients);
      try (var tape = EventTape.start(hub.url())) {
        var struck =
            CompletableFuture.supplyAsync(() -> kill(engines, api), after(KILL_AFTER, clients));
        var back =
            CompletableFuture.supplyAsync(
                () -> restart(struck.join()), after(RESTART_AFTER, clients));
        List<StreamedChat.Reply> replies = load(between, http, hub.url(), clients);
        Outage outage = back.join();
        try {
          assertReplies(replies, outage);
          assertDeadGotNoWork(tape, outage);
          assertUsedAgain(replies, outage);
          assertSettled(api);
          if (System.getenv("STORY") != null) { System.out.println(story(outage, between, replies, tape)); }
        } catch (AssertionError e) {
          throw new AssertionError(
              e.getMessage()
                  + story(outage, between, replies, tape)
                  + "\nhub:\n"
                  + hub.log()
                  + "\n"
                  + api.get("backends"),
              e);
        }
      }
    }
  }

  private static Executor after(Duration wait, ExecutorService then) {
    return CompletableFuture.delayedExecutor(wait.toMillis(), TimeUnit.MILLISECONDS, then);
  }

  /// How far apart groups of clients may come: measured with two engines' worth of clients at a
  /// time, so that a slow or busy machine gets a load that it can carry.
  private static Duration betweenGroups(HttpClient http, String hub, ExecutorService clients) {
    int atOnce = (ENGINES - 1) * SLOTS;
    long start = System.nanoTime();
    for (int round = 0; round < CALIBRATION_ROUNDS; round++) {
      var asked =
          IntStream.range(0, atOnce)
              .mapToObj(
                  _ ->
                      CompletableFuture.supplyAsync(
                          () -> StreamedChat.ask(http, hub, MODEL), clients))
              .toList();
      assertThat(asked)
          .allSatisfy(
              one ->
                  assertThat(one.join().ending()).isEqualTo(StreamedChat.Ending.COMPLETE));
    }
    long nanosForOne = (System.nanoTime() - start) / ((long) CALIBRATION_ROUNDS * atOnce);
    return Duration.ofNanos((long) (nanosForOne * GROUP / SHARE_OF_CAPACITY));
  }

  /// Open loop: a client comes when its time has come, whatever became of those before.
  private static List<StreamedChat.Reply> load(
      Duration between, HttpClient http, String hub, ExecutorService clients) {
    int groups = (int) (LOAD.toNanos() / between.toNanos()) + 1;
    var asked =
        IntStream.range(0, groups * GROUP)
            .mapToObj(
                number ->
                    CompletableFuture.supplyAsync(
                        () -> StreamedChat.ask(http, hub, MODEL),
                        after(between.multipliedBy(number / GROUP), clients)))
            .toList();
    CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .orTimeout(LOAD.plus(LAST_ANSWER_WITHIN).toSeconds(), TimeUnit.SECONDS)
        .join();
    return asked.stream().map(CompletableFuture::join).toList();
  }

  /// An engine that was killed.
  private record Struck(LlamaServer engine, String backend, int active, Instant downSince) {}

  /// Kills the engine that has most to do at this moment.
  private static Struck kill(List<LlamaServer> engines, HubApi api) {
    var busiest =
        api.get("backends").path("backends").valueStream()
            .max(Comparator.comparingInt(each -> each.path("active_tasks").asInt()))
            .orElseThrow();
    LlamaServer engine =
        engines.stream()
            .filter(each -> each.url().equals(busiest.path("url").asString()))
            .findFirst()
            .orElseThrow();
    engine.kill9();
    return new Struck(
        engine,
        busiest.path("backend_id").asString(),
        busiest.path("active_tasks").asInt(),
        Instant.now());
  }

  private static Outage restart(Struck struck) {
    Instant restartedAt = Instant.now();
    struck.engine().restartOnSamePort();
    return new Outage(
        struck.backend(), struck.active(), struck.downSince(), restartedAt, Instant.now());
  }

  private static void assertReplies(List<StreamedChat.Reply> replies, Outage outage) {
    List<StreamedChat.Reply> failed =
        replies.stream().filter(StreamedChat.Reply::failed).toList();
    assertThat(failed)
        .as("nobody fails who had not been answered yet")
        .allSatisfy(reply -> assertThat(reply.begunAt()).isPresent());
    assertThat(failed)
        .as("a broken answer shows that it is broken")
        .extracting(StreamedChat.Reply::ending)
        .isSubsetOf(StreamedChat.Ending.ERROR_RECORD, StreamedChat.Ending.BROKEN);
    assertThat(failed)
        .as("only what the killed engine had begun")
        .hasSizeLessThanOrEqualTo(SLOTS)
        .allSatisfy(
            reply -> {
              assertThat(reply.backend()).isEqualTo(outage.backend());
              assertThat(reply.begunAt().orElseThrow()).isBefore(outage.downSince());
            });
    assertThat(replies.stream().filter(reply -> !reply.failed()))
        .as("what ends well is whole")
        .extracting(StreamedChat.Reply::text)
        .containsOnly(ChainModel.Pace.SLOW.answer());
  }

  private static void assertDeadGotNoWork(EventTape tape, Outage outage) {
    var assigned =
        tape.events().stream().filter(event -> event.kind().equals("task.assigned")).toList();
    assertThat(assigned)
        .as("the tape has recorded")
        .anyMatch(event -> event.isAbout(outage.backend()));
    assertThat(assigned)
        .filteredOn(event -> event.at().isAfter(outage.downSince().plus(NOTICED_WITHIN)))
        .filteredOn(event -> event.at().isBefore(outage.restartedAt()))
        .as("work while it was down")
        .isNotEmpty()
        .noneMatch(event -> event.isAbout(outage.backend()));
  }

  private static void assertUsedAgain(List<StreamedChat.Reply> replies, Outage outage) {
    Instant first =
        replies.stream()
            .filter(reply -> reply.backend().equals(outage.backend()))
            .flatMap(reply -> reply.begunAt().stream())
            .filter(begun -> begun.isAfter(outage.restartedAt()))
            .min(Comparator.naturalOrder())
            .orElseThrow(() -> new AssertionError("never used again"));
    assertThat(Duration.between(outage.healthyAt(), first))
        .as("from healthy to used")
        .isLessThan(USED_AGAIN_WITHIN);
  }

  private static void assertSettled(HubApi api) {
    Eventually.until(
        "no work is left",
        SETTLED_WITHIN,
        () ->
            api.get("backends").path("backends").valueStream()
                    .allMatch(each -> each.path("active_tasks").asInt(-1) == 0)
                && api.get("queue").path("length").asInt(-1) == 0);
    assertThat(api.get("routes/explain?model=" + MODEL).path("places").valueStream())
        .as("every slot is free")
        .hasSize(ENGINES)
        .allSatisfy(
            place -> {
              assertThat(place.path("slots").asInt()).isEqualTo(SLOTS);
              assertThat(place.path("free").asInt()).isEqualTo(SLOTS);
            });
  }

  private static String story(
      Outage outage, Duration between, List<StreamedChat.Reply> replies, EventTape tape) {
    var story = new StringBuilder("\n").append(outage);
    story.append("\na group of ").append(GROUP).append(" every ").append(between);
    for (StreamedChat.Reply reply : replies) {
      story
          .append("\n")
          .append(reply.sentAt())
          .append(' ')
          .append(reply.begunAt().map(begun -> Duration.between(reply.sentAt(), begun)))
          .append(' ')
          .append(reply.task())
          .append(' ')
          .append(reply.backend())
          .append(' ')
          .append(reply.ending())
          .append(' ')
          .append(reply.detail());
    }
    tape.events().stream()
        .filter(event -> !event.kind().startsWith("queue."))
        .filter(event -> event.isAbout(outage.backend()) || !event.kind().startsWith("task."))
        .forEach(event -> story.append("\n").append(event));
    return story.toString();
  }
}
