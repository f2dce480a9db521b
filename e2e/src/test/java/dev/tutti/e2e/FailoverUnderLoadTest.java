package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.ChainModel;
import dev.tutti.testkit.EventTape;
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

  /// Clients come in groups that fill all slots but one, so that every engine gets work whatever
  /// the hub thinks of it.
  private static final int GROUP = ENGINES * SLOTS - 1;

  private static final Duration BETWEEN_GROUPS = Duration.ofSeconds(2);

  /// Of what two engines can do, so that the load is bearable while one is dead.
  private static final double SHARE_OF_CAPACITY = 0.5;

  private static final int CALIBRATION_ROUNDS = 2;

  /// The answer in the pieces that the engine makes, one for each token.
  private static final List<String> PIECES = List.of(ChainModel.Pace.SLOW.answer().split("(?= )"));

  private static final int FEWEST_TOKENS = 10;
  private static final Duration LAST_ANSWER_WITHIN = Duration.ofMinutes(2);
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(10);

  @TempDir private Path folder;

  /// What was done to the engine, and when.
  ///
  /// @param downSince when the kill was complete
  /// @param restartedAt when the restart began
  /// @param healthyAt when it answered that it is healthy
  private record Outage(
      String backend, Instant downSince, Instant restartedAt, Instant healthyAt) {}

  @Test
  void a_killed_engine_costs_only_what_it_had_begun_and_is_used_again_when_back() throws Exception {
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
                  .allMatch(engine ->
                      api.backendAt(engine.url())
                          .filter(each -> each.path("health").asString().equals("up"))
                          .isPresent()));
      try (var tape = EventTape.start(hub.url())) {
        int tokens = bearableTokens(http, hub.url(), clients);
        var struck =
            CompletableFuture.supplyAsync(() -> kill(engines, api), after(KILL_AFTER, clients));
        var back =
            CompletableFuture.supplyAsync(
                () -> restart(struck.join()), after(RESTART_AFTER, clients));
        List<StreamedChat.Reply> replies = load(tokens, http, hub.url(), clients);
        Outage outage = back.join();
        try {
          assertReplies(replies, outage, tokens);
          assertDeadGotNoWork(tape, outage);
          assertUsedAgain(replies, outage);
          assertSettled(api);
        } catch (AssertionError e) {
          throw new AssertionError(
              e.getMessage()
                  + story(outage, tokens, replies, tape)
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

  /// How long answers may be so that the engines can carry the load: measured with two engines'
  /// worth of clients at a time, since machines differ and others work on this one, too.
  private static int bearableTokens(HttpClient http, String hub, ExecutorService clients) {
    int atOnce = (ENGINES - 1) * SLOTS;
    long start = System.nanoTime();
    for (int round = 0; round < CALIBRATION_ROUNDS; round++) {
      var asked =
          IntStream.range(0, atOnce)
              .mapToObj(_ ->
                  CompletableFuture.supplyAsync(
                      () -> StreamedChat.ask(http, hub, MODEL, PIECES.size()), clients))
              .toList();
      assertThat(asked).allSatisfy(one -> assertThat(one.join().failed()).isFalse());
    }
    double nanosForToken =
        (System.nanoTime() - start) / ((double) CALIBRATION_ROUNDS * atOnce * PIECES.size());
    double tokens = BETWEEN_GROUPS.toNanos() * SHARE_OF_CAPACITY / GROUP / nanosForToken;
    return (int) Math.clamp(tokens, FEWEST_TOKENS, PIECES.size());
  }

  /// Open loop: a client comes when its time has come, whatever became of those before.
  private static List<StreamedChat.Reply> load(
      int tokens, HttpClient http, String hub, ExecutorService clients) {
    int groups = (int) LOAD.dividedBy(BETWEEN_GROUPS);
    var asked =
        IntStream.range(0, groups * GROUP)
            .mapToObj(number ->
                CompletableFuture.supplyAsync(
                    () -> StreamedChat.ask(http, hub, MODEL, tokens),
                    after(BETWEEN_GROUPS.multipliedBy(number / GROUP), clients)))
            .toList();
    CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
        .orTimeout(LOAD.plus(LAST_ANSWER_WITHIN).toSeconds(), TimeUnit.SECONDS)
        .join();
    return asked.stream().map(CompletableFuture::join).toList();
  }

  /// An engine that was killed.
  private record Struck(LlamaServer engine, String backend, Instant downSince) {}

  /// Kills an engine at a moment in which all its slots are busy.
  private static Struck kill(List<LlamaServer> engines, HubApi api) {
    var busiest =
        Eventually.value(
            "a busy engine",
            BETWEEN_GROUPS.multipliedBy(2),
            () ->
                api.get("backends")
                    .path("backends")
                    .valueStream()
                    .filter(each -> each.path("active_tasks").asInt() == SLOTS)
                    .findFirst()
                    .orElse(null));
    LlamaServer engine =
        engines.stream()
            .filter(each -> each.url().equals(busiest.path("url").asString()))
            .findFirst()
            .orElseThrow();
    engine.kill9();
    return new Struck(engine, busiest.path("backend_id").asString(), Instant.now());
  }

  private static Outage restart(Struck struck) {
    Instant restartedAt = Instant.now();
    struck.engine().restartOnSamePort();
    return new Outage(struck.backend(), struck.downSince(), restartedAt, Instant.now());
  }

  private static void assertReplies(List<StreamedChat.Reply> replies, Outage outage, int tokens) {
    List<StreamedChat.Reply> failed = replies.stream().filter(StreamedChat.Reply::failed).toList();
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
        .allSatisfy(reply -> {
          assertThat(reply.backend()).isEqualTo(outage.backend());
          assertThat(reply.begunAt().orElseThrow())
              .isBefore(outage.downSince().plus(NOTICED_WITHIN));
        });
    assertThat(replies.stream().filter(reply -> !reply.failed()))
        .as("what ends well is whole")
        .extracting(StreamedChat.Reply::text)
        .containsOnly(String.join("", PIECES.subList(0, tokens)));
  }

  private static void assertDeadGotNoWork(EventTape tape, Outage outage) {
    assertThat(tape.events())
        .as("the kill hit work")
        .anyMatch(
            event -> event.kind().equals("task.attempt_failed") && event.isAbout(outage.backend()));
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
            api.get("backends")
                    .path("backends")
                    .valueStream()
                    .allMatch(each -> each.path("active_tasks").asInt(-1) == 0)
                && api.get("queue").path("length").asInt(-1) == 0);
    assertThat(api.get("routes/explain?model=" + MODEL).path("places").valueStream())
        .as("every slot is free")
        .hasSize(ENGINES)
        .allSatisfy(place -> {
          assertThat(place.path("slots").asInt()).isEqualTo(SLOTS);
          assertThat(place.path("free").asInt()).isEqualTo(SLOTS);
        });
  }

  private static String story(
      Outage outage, int tokens, List<StreamedChat.Reply> replies, EventTape tape) {
    var story = new StringBuilder("\n").append(outage);
    story.append("\n").append(tokens).append(" tokens an answer");
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
