package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.ChainModel;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.LlamaServer;
import dev.tutti.testkit.TuttiProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A client that leaves frees the engine at once, whatever the client did before and whichever way
/// the hub speaks to the engine.
class DisconnectTest {
  /// How long after a client's leave its work may go on.
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /// So long without a new token, an engine counts as stalled.
  private static final Duration STALLED = Duration.ofSeconds(1);

  private static final int STEADY_TOKENS = 200;
  private static final String CHUNK = "chat.completion.chunk";

  private static final Deque<AutoCloseable> OPEN = new ArrayDeque<>();
  private static final List<TuttiProcess> HOMES = new ArrayList<>();
  private static TuttiProcess hub;
  private static HubView view;
  private static PacedProcess direct;
  private static PacedProcess behindAgent;
  private static PacedProcess steady;

  /// The two ways to an engine.
  enum Way {
    DIRECT,
    AGENT;

    PacedProcess engine() {
      return switch (this) {
        case DIRECT -> direct;
        case AGENT -> behindAgent;
      };
    }

    String model() {
      return switch (this) {
        case DIRECT -> "sim/direct";
        case AGENT -> "sim/agent";
      };
    }
  }

  @BeforeAll
  static void start() {
    direct = open(endless("sim/direct"));
    behindAgent = open(endless("sim/agent"));
    steady =
        open(
            PacedProcess.start(
                "--kind",
                "ollama",
                "--models",
                "sim/steady",
                "--decode",
                "100",
                "--answer",
                Integer.toString(STEADY_TOKENS)));
    var place = TuttiProcess.Place.fresh();
    hub =
        open(
            TuttiProcess.hub(
                place, "--no-discover", "--backend", direct.url() + ",slots=1,name=direct"));
    HOMES.add(hub);
    view = new HubView(hub.url());
    TuttiProcess agent =
        open(
            AgentProcess.join(
                hub.url(), place, "worker", behindAgent.url() + ",slots=1", steady.url()));
    HOMES.add(agent);
    Eventually.until(
        "all engines are known",
        PATIENCE,
        () ->
            view.offers(direct.url(), "sim/direct")
                && view.offers(behindAgent.url(), "sim/agent")
                && view.offers(steady.url(), "sim/steady"));
  }

  @AfterAll
  static void stop() throws Exception {
    while (!OPEN.isEmpty()) {
      OPEN.pop().close();
    }
    HOMES.forEach(TuttiProcess::forget);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("T42 a client that leaves while it streams frees the engine")
  void a_client_that_leaves_while_it_streams_frees_the_engine(Way way) {
    var before = way.engine().stats();
    var client = streaming(way.model());
    client.readUntil(CHUNK, 2);

    client.close();

    assertAborted(way, before);
    assertServed(way);
  }

  @ParameterizedTest
  @EnumSource
  void a_client_that_stopped_reading_and_leaves_frees_the_engine(Way way) {
    var before = way.engine().stats();
    var client = streaming(way.model());
    client.readUntil(CHUNK, 2);
    awaitStall(() -> way.engine().stats().tokens());
    assertThat(way.engine().stats().active()).isEqualTo(1);

    client.close();

    assertAborted(way, before);
    assertServed(way);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("T42 a client that leaves before a whole answer frees the engine")
  void a_client_that_leaves_before_a_whole_answer_frees_the_engine(Way way) {
    var before = way.engine().stats();
    var client =
        RawClient.post(
            view.url() + "/v1/chat/completions", HubView.chatBody(way.model(), 1_000_000));
    Eventually.until("it runs", PATIENCE, () -> way.engine().stats().active() == 1);

    client.close();

    assertAborted(way, before);
    assertServed(way);
  }

  @ParameterizedTest
  @EnumSource
  void a_client_that_leaves_the_queue_is_never_seen_by_the_engine(Way way) {
    var before = way.engine().stats();
    var running = streaming(way.model());
    running.readUntil(CHUNK, 2);
    var waiting = streaming(way.model());
    Eventually.until("it waits", PATIENCE, () -> view.waiting() == 1);

    waiting.close();

    Eventually.until("it left the queue", AT_ONCE, () -> view.waiting() == 0);
    assertThat(way.engine().stats().aborted()).isEqualTo(before.aborted());
    running.close();
    assertAborted(way, before);
    assertServed(way);
    assertThat(way.engine().stats().seen() - before.seen())
        .as("the first and the last")
        .isEqualTo(2);
  }

  @Test
  void a_stalled_stream_slows_no_other_of_its_agent() {
    Duration alone = steadyAnswer();
    try (var stalled = streaming(Way.AGENT.model())) {
      stalled.readUntil(CHUNK, 2);
      awaitStall(() -> behindAgent.stats().tokens());

      Duration beside = steadyAnswer();

      assertThat(behindAgent.stats().active()).isEqualTo(1);
      assertThat((double) beside.toMillis() / alone.toMillis()).isLessThan(2);
    }
  }

  @Test
  @DisplayName("T42 a client that leaves a real engine frees its slot")
  void a_client_that_leaves_a_real_engine_frees_its_slot(@TempDir Path folder) {
    LlamaServer.Binary binary = LlamaServer.require();
    Path model = folder.resolve("chain.gguf");
    ChainModel.write(model, ChainModel.Pace.LONG);
    try (var engine = LlamaServer.start(binary, model, 1)) {
      var place = TuttiProcess.Place.fresh();
      var realHub = TuttiProcess.hub(place, "--no-discover", "--backend", engine.url());
      try (realHub) {
        var real = new HubView(realHub.url());
        String name =
            Eventually.value(
                "the engine is known",
                PATIENCE,
                () -> {
                  var models = real.backendAt(engine.url()).orElseThrow().path("models");
                  return models.isEmpty() ? null : models.get(0).path("name").asString("");
                });
        var client =
            RawClient.post(
                real.url() + "/v1/chat/completions", streamed(HubView.chatBody(name, 7_000)));
        client.readUntil(CHUNK, 3);
        assertThat(isWorking(engine)).isTrue();

        client.close();

        Eventually.until("the engine stops", AT_ONCE, () -> !isWorking(engine));
        Eventually.until("its slot is free", AT_ONCE, () -> real.activeAt(engine.url()) == 0);
        assertThat(real.chat(name, 5).status()).isEqualTo(200);
      }
      realHub.forget();
    }
  }

  private static boolean isWorking(LlamaServer engine) {
    return Http.get(engine.url() + "/slots").json().get(0).path("is_processing").booleanValue();
  }

  private static Duration steadyAnswer() {
    try (var client =
        RawClient.post(
            view.url() + "/v1/chat/completions",
            streamed(HubView.chatBody("sim/steady", STEADY_TOKENS)))) {
      return client.timeUntil("data: [DONE]");
    }
  }

  private static void assertAborted(Way way, PacedProcess.Stats before) {
    Eventually.until(
        "the engine stops",
        AT_ONCE,
        () -> {
          var now = way.engine().stats();
          return now.aborted() == before.aborted() + 1 && now.active() == 0;
        });
    Eventually.until("its slot is free", AT_ONCE, () -> view.activeAt(way.engine().url()) == 0);
  }

  private static void assertServed(Way way) {
    var answer = view.chat(way.model(), 5);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    assertThat(answer.json().path("usage").path("completion_tokens").intValue()).isEqualTo(5);
  }

  private static RawClient streaming(String model) {
    return RawClient.post(
        view.url() + "/v1/chat/completions", streamed(HubView.chatBody(model, 1_000_000_000)));
  }

  private static String streamed(String body) {
    return body.replaceFirst("\\{", "{\"stream\":true,");
  }

  /// Waits until every buffer between the engine and the client is full.
  private static void awaitStall(LongSupplier tokens) {
    var last = new long[] {-1, System.nanoTime()};
    Eventually.until(
        "the stall reaches the engine",
        PATIENCE,
        () -> {
          long now = tokens.getAsLong();
          if (now != last[0]) {
            last[0] = now;
            last[1] = System.nanoTime();
          }
          return System.nanoTime() - last[1] > STALLED.toNanos();
        });
  }

  private static PacedProcess endless(String model) {
    return PacedProcess.start(
        "--kind",
        "ollama",
        "--models",
        model,
        "--decode",
        "10000",
        "--answer",
        "endless",
        "--slots",
        "4");
  }

  private static <T extends AutoCloseable> T open(T resource) {
    OPEN.push(resource);
    return resource;
  }
}
