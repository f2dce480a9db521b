package dev.tutti.testkit.chaos;

import dev.tutti.testkit.EventTape;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A hub and engines of equal pace whose answers hang on the request alone, each on a machine of
/// its own where that can be had, else all on this one. Everything ends with {@link #close()}, at
/// the latest when this JVM does.
public final class ChaosMesh implements AutoCloseable {
  /// The model that every engine has.
  public static final String MODEL = "sim/chaos";

  private static final Duration UP_WITHIN = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Set<String> AWAY = Set.of("", "unknown", "down", "offline");

  private final Deque<Runnable> endings = new ArrayDeque<>();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<ChaosNode> nodes = new ArrayList<>();
  private final TuttiProcess.Place home;
  private final List<String> words = new ArrayList<>(List.of("--no-discover"));
  private final Lan.@Nullable Machine hubMachine;
  private TuttiProcess hub;
  private String key = "";

  /// What it is made of.
  ///
  /// @param lan whether each engine and the hub get machines on a {@link Lan}
  /// @param proxied whether what passes between engines and their users can be broken; not on a LAN
  /// @param direct engines that the hub speaks to itself
  /// @param agents engines behind agents
  /// @param slots of each engine
  /// @param prefill tokens of prompts that an engine reads in a second
  /// @param decode tokens of an answer that it writes in a second
  /// @param diesFrom engines die of requests with this seed or a greater one
  /// @param strategy by which the hub chooses, empty for its usual one
  /// @param environment variables for the hub
  public record Plan(
      boolean lan,
      boolean proxied,
      int direct,
      int agents,
      int slots,
      int prefill,
      int decode,
      long diesFrom,
      String strategy,
      Map<String, String> environment) {
    /// Engines that die of nothing.
    public static Plan of(boolean lan, int direct, int agents) {
      return new Plan(lan, false, direct, agents, 16, 400, 40, Long.MAX_VALUE, "", Map.of());
    }

    /// The same with the means to break what passes.
    public Plan withProxies() {
      return new Plan(
          lan, true, direct, agents, slots, prefill, decode, diesFrom, strategy, environment);
    }

    /// The same with engines of another pace.
    public Plan withPace(int slotsEach, int prefillRate, int decodeRate) {
      return new Plan(
          lan,
          proxied,
          direct,
          agents,
          slotsEach,
          prefillRate,
          decodeRate,
          diesFrom,
          strategy,
          environment);
    }

    /// The same with engines that die of some requests.
    public Plan dyingFrom(long seed) {
      return new Plan(
          lan, proxied, direct, agents, slots, prefill, decode, seed, strategy, environment);
    }

    /// The same with variables for the hub.
    public Plan with(Map<String, String> variables) {
      return new Plan(
          lan, proxied, direct, agents, slots, prefill, decode, diesFrom, strategy, variables);
    }

    /// The same with a hub that chooses in another way.
    public Plan choosing(String name) {
      return new Plan(
          lan, proxied, direct, agents, slots, prefill, decode, diesFrom, name, environment);
    }
  }

  private ChaosMesh(Plan plan) throws IOException {
    if (!plan.strategy().isEmpty()) {
      words.addAll(List.of("--strategy", plan.strategy()));
    }
    Path folder = Files.createTempDirectory("chaos");
    endings.push(() -> forget(folder));
    Lan lan = plan.lan() ? Lan.open() : null;
    if (lan != null) {
      endings.push(lan::close);
    }
    hubMachine = lan == null ? null : lan.machine("hub");
    var fresh = TuttiProcess.Place.fresh();
    home =
        new TuttiProcess.Place(
            fresh.root(),
            fresh.home(),
            hubMachine == null ? List.of() : hubMachine.before(),
            plan.environment());
    for (int i = 1; i <= plan.direct() + plan.agents(); i++) {
      boolean direct = i <= plan.direct();
      String name = (direct ? "direct" : "agent") + i;
      Lan.Machine machine = lan == null ? null : lan.machine(name);
      var node = new ChaosNode(name, plan, machine, folder.resolve(name));
      nodes.add(node);
      endings.push(node::close);
      if (direct) {
        words.addAll(List.of("--backend", node.url() + ",name=" + name));
      }
    }
    hub = startHub(0, 0);
    endings.push(() -> hub.forget());
    endings.push(() -> hub.close());
    nodes.stream().skip(plan.direct()).forEach(this::letIn);
  }

  /// Starts all of it and waits until every engine can be used.
  public static ChaosMesh start(Plan plan) {
    ChaosMesh mesh;
    try {
      mesh = new ChaosMesh(plan);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      mesh.awaitUp();
      return mesh;
    } catch (AssertionError e) {
      String story = mesh.story();
      mesh.close();
      throw new AssertionError(story, e);
    }
  }

  private TuttiProcess startHub(int port, int nodePort) {
    var all = new ArrayList<>(List.of("up", "--port", "" + port, "--node-port", "" + nodePort));
    all.addAll(List.of("--grpc-port", "0"));
    if (hubMachine != null) {
      all.add("--lan");
    }
    all.addAll(words);
    var process = TuttiProcess.start(home, all.toArray(String[]::new));
    process.url();
    if (hubMachine != null && key.isEmpty()) {
      key = process.waitFor("key");
    }
    return process;
  }

  private void letIn(ChaosNode node) {
    var said =
        TuttiProcess.run(
            new TuttiProcess.Place(home.root(), home.home(), home.before(), Map.of()),
            "node",
            "invite",
            "--name",
            node.name(),
            "--url",
            url(),
            "--key",
            key.isEmpty() ? "none" : key);
    if (said.code() != 0) {
      throw new AssertionError("invite: " + said);
    }
    node.join(List.of(said.out().strip().replaceFirst("^tutti ", "").split(" ", -1)));
  }

  /// A new hub in the place of the old one, which takes the machines as they are now and remembers
  /// none of their falls.
  public void restartHub() {
    int port = URI.create(url()).getPort();
    int nodePort =
        hub.log()
            .lines()
            .map(String::strip)
            .filter(line -> line.startsWith("nodes "))
            .mapToInt(line -> Integer.parseInt(line.substring("nodes ".length())))
            .findFirst()
            .orElseThrow();
    hub.close();
    hub = startHub(port, nodePort);
    awaitUp();
  }

  /// Waits until every engine can be used.
  public void awaitUp() {
    until("every engine is up", () -> nodes.stream().allMatch(node -> isUp(backendOf(node))));
  }

  /// Waits until an engine can be used.
  public void awaitUp(ChaosNode node) {
    until(node.name() + " is up", () -> isUp(backendOf(node)));
  }

  /// Waits until no engine is known to be away.
  public void awaitBack() {
    until(
        "everybody is there again",
        () -> nodes.stream().noneMatch(node -> AWAY.contains(healthOf(node))));
  }

  /// Waits until the engines have ended what they were given; the dead ones have.
  public void awaitIdle() {
    until(
        "engines have ended what they were given",
        () -> nodes.stream().allMatch(node -> !node.isEngineAlive() || node.isIdle()));
  }

  /// Looks now and then: to ask without a pause would be a load of its own.
  private static void until(String what, BooleanSupplier condition) {
    Eventually.until(
        what,
        UP_WITHIN,
        () -> {
          if (condition.getAsBoolean()) {
            return true;
          }
          LockSupport.parkNanos(LOOK_EVERY.toNanos());
          return false;
        });
  }

  private static boolean isUp(JsonNode backend) {
    return backend.path("health").asString("").equals("up") && !backend.path("models").isEmpty();
  }

  /// How the hub sees an engine.
  public String healthOf(ChaosNode node) {
    return backendOf(node).path("health").asString("");
  }

  /// What the hub calls a machine's engine.
  public String backendId(ChaosNode node) {
    return backendOf(node).path("backend_id").asString("");
  }

  private JsonNode backendOf(ChaosNode node) {
    return get("backends")
        .path("backends")
        .valueStream()
        .filter(each ->
            node.hasAgent()
                ? each.path("node_id").asString("").equals(node.name())
                : each.path("url").asString("").equals(node.url()))
        .findFirst()
        .orElse(JsonMapper.shared().missingNode());
  }

  /// A document under `/mesh/v1/`.
  public JsonNode get(String path) {
    var request =
        HttpRequest.newBuilder(URI.create(url() + "/mesh/v1/" + path))
            .header("authorization", "Bearer " + key)
            .timeout(PATIENCE)
            .build();
    try {
      return JsonMapper.shared()
          .readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// Where clients connect.
  public String url() {
    return hub.url();
  }

  /// Every engine's machine.
  public List<ChaosNode> nodes() {
    return List.copyOf(nodes);
  }

  /// Clients of the hub.
  public Callers callers(int promptTokens, int answerTokens, long firstSeed) {
    return new Callers(url(), key, promptTokens, answerTokens, firstSeed);
  }

  /// What the hub tells from now on.
  public EventTape tape() {
    return EventTape.start(url(), key);
  }

  Lan.Machine hubMachine() {
    Lan.Machine machine = hubMachine;
    if (machine == null) {
      throw new IllegalStateException("hub: without a cable (expected: a machine on a LAN)");
    }
    return machine;
  }

  /// What everybody said, for a failure.
  public String story() {
    var story = new StringBuilder("hub:\n").append(hub.log());
    nodes.forEach(node -> story.append('\n').append(node.story()));
    return story.toString();
  }

  private static void forget(Path folder) {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
    while (!endings.isEmpty()) {
      endings.pop().run();
    }
  }
}
