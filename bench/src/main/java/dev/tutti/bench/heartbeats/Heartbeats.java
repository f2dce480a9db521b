package dev.tutti.bench.heartbeats;

import dev.tutti.bench.Options;
import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelTypes;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.NodeReport;
import dev.tutti.link.agent.AgentEnrolment;
import dev.tutti.link.agent.AgentIdentity;
import dev.tutti.link.agent.AgentLink;
import dev.tutti.link.agent.AgentListener;
import dev.tutti.link.agent.Badge;
import dev.tutti.link.agent.HubAddress;
import dev.tutti.link.agent.LocalBackend;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.testkit.TuttiProcess;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.json.JsonMapper;

/// Processor time of a hub with so many connected machines that do nothing, over that of the same
/// hub with none.
public final class Heartbeats {
  /// Ticks of a process's clock in a second, as the kernel counts them for everybody.
  private static final double TICKS = 100;

  /// What the issue asks for: a share of one core.
  private static final double GOAL = 0.05;

  private static final String ENGINE = "ollama";
  private static final Duration SETTLE = Duration.ofSeconds(20);

  /// After the machines came: until what runs a thousand times a second is compiled.
  private static final Duration WARM = Duration.ofMinutes(2);

  private static final Duration CALL = Duration.ofSeconds(30);

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CALL).build();
  private final AtomicInteger connected = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private final TuttiProcess hub;

  private Heartbeats(TuttiProcess hub) {
    this.hub = hub;
  }

  /// Whether the share is within the goal and nobody was lost.
  public static boolean run(List<String> words) throws Exception {
    var options = new Options(words, Set.of("--nodes", "--seconds"));
    int nodes = (int) options.number("--nodes", 1_000);
    double seconds = options.number("--seconds", 60);
    try (var hub = TuttiProcess.hub(TuttiProcess.Place.fresh(), "--no-discover")) {
      return new Heartbeats(hub).run(nodes, seconds);
    }
  }

  private boolean run(int nodes, double seconds) throws Exception {
    rest(SETTLE);
    double idle = share(seconds);
    for (int i = 0; i < nodes; i++) {
      join(i);
    }
    rest(WARM);
    int lostBefore = lost.get();
    double busy = share(seconds);
    double share = busy - idle;
    System.out.printf(
        Locale.ROOT,
        "%d nodes connected, %d lost while measured%n"
            + "hub with none: %.2f %% of a core; with all: %.2f %%; by them: %.2f %% (goal: < %.0f)%n",
        connected.get(),
        lost.get() - lostBefore,
        100 * idle,
        100 * busy,
        100 * share,
        100 * GOAL);
    return share < GOAL && connected.get() == nodes && lost.get() == lostBefore;
  }

  /// A machine is invited, enrols, connects, and offers a slot of an engine.
  private void join(int i) throws Exception {
    String name = "n" + i;
    var answer =
        http.send(
            HttpRequest.newBuilder(URI.create(hub.url() + "/mesh/v1/invites"))
                .header("content-type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"name\":\"" + name + "\",\"role\":\"llm_worker\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    var document = JsonMapper.shared().readTree(answer.body());
    String[] command = document.path("command").asString().split(" ", -1);
    var url = URI.create(command[3]);
    var address = new HubAddress(url.getHost(), url.getPort());
    var token = JoinToken.parse(document.path("token").asString());
    var loop = vertx.getOrCreateContext();
    Future.<AgentEnrolment.Joined>future(done ->
            loop.runOnContext(_ ->
                AgentEnrolment.start(
                        vertx,
                        address,
                        new AgentEnrolment.Wish(
                            name, Optional.of(token), "machine-" + i, name, "bench"),
                        new LoopTime(vertx, loop),
                        new Random(i),
                        _ -> {})
                    .outcome()
                    .onComplete(done)))
        .compose(joined ->
            AgentLink.start(
                vertx,
                loop,
                address,
                joined.badge(),
                new AgentIdentity(joined.node(), "machine-" + i, 1, "bench"),
                new NodeReport(name, NodeRole.LLM_WORKER, Hardware.UNKNOWN, List.of(engine())),
                new Counted(),
                context -> new LoopTime(vertx, context),
                new Random(i)))
        .onSuccess(link -> loop.runOnContext(_ -> link.offer(Map.of(ENGINE, slot()))))
        .toCompletionStage()
        .toCompletableFuture()
        .get(CALL.toSeconds(), TimeUnit.SECONDS);
  }

  private static NodeReport.Backend engine() {
    var name = new ModelName("llama3.1:8b");
    var model =
        new ModelFacts(
            name,
            ModelTypes.classify(name, List.of()),
            Bytes.ofGibi(4.7),
            "",
            0,
            ModelFacts.Loaded.NOT,
            List.of(),
            Map.of(),
            "");
    return new NodeReport.Backend(
        ENGINE,
        "http://127.0.0.1:11434",
        new BackendFacts(BackendKind.OLLAMA, "1", 1, List.of(model), false),
        Health.UP,
        "",
        Set.of());
  }

  /// A slot that nobody uses here.
  private static LocalBackend slot() {
    return new LocalBackend(
        (_, _) -> {
          throw new IllegalStateException("exchange: one (expected: none)");
        },
        1,
        () -> Future.succeededFuture(true));
  }

  /// The share of a core that the hub uses over so many seconds.
  private double share(double seconds) throws IOException {
    long begin = System.nanoTime();
    long before = ticks();
    rest(Duration.ofMillis((long) (seconds * 1e3)));
    return (ticks() - before) / TICKS / ((System.nanoTime() - begin) / 1e9);
  }

  /// Processor time that the hub has used, in the system and outside.
  private long ticks() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + hub.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static void rest(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private final class Counted implements AgentListener {
    @Override
    public void connected() {
      connected.incrementAndGet();
    }

    @Override
    public void disconnected(String why) {
      connected.decrementAndGet();
      lost.incrementAndGet();
    }

    @Override
    public void refused(String why) {
      System.err.println("refused: " + why);
    }

    @Override
    public void removed() {}

    @Override
    public Future<?> renewed(Badge badge) {
      return Future.succeededFuture();
    }
  }
}
