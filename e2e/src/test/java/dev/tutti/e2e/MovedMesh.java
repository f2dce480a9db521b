package dev.tutti.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.TuttiProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A hub and agents as real processes whose wall clocks a test moves, each agent with a simulated
/// engine and its one model, `sim/NAME`.
final class MovedMesh implements AutoCloseable {
  /// How long whatever heals by itself may take, in real time.
  static final Duration PATIENCE = Duration.ofSeconds(45);

  private static final int TOKENS_PER_S = 25;

  /// The hub's clock.
  final MovedClock hubClock;

  /// The clock of all agents.
  final MovedClock nodeClock;

  private final TuttiProcess.Place atHub;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final List<TuttiProcess> started = new ArrayList<>();
  private final List<Path> homes = new ArrayList<>();
  private TuttiProcess hub;
  private final int port;
  private final int nodePort;

  private MovedMesh(Path folder) {
    hubClock = new MovedClock(folder.resolve("hub-clock"));
    nodeClock = new MovedClock(folder.resolve("node-clock"));
    atHub = fresh(hubClock);
    hub = kept(TuttiProcess.hub(atHub, "--no-discover"));
    port = URI.create(hub.url()).getPort();
    nodePort =
        Eventually.value(
            "the port for agents",
            PATIENCE,
            () ->
                hub.log()
                    .lines()
                    .map(String::strip)
                    .filter(line -> line.startsWith("nodes "))
                    .map(line -> Integer.valueOf(line.substring("nodes ".length())))
                    .findFirst()
                    .orElse(null));
  }

  /// Starts a hub, and agents of these names that have joined it and whose engines can be used.
  static MovedMesh start(Path folder, String... names) {
    var mesh = new MovedMesh(folder);
    for (String name : names) {
      mesh.join(name);
    }
    mesh.awaitAll();
    return mesh;
  }

  /// One machine with an agent.
  final class Node {
    final String name;
    private final TuttiProcess.Place place;
    private final PacedProcess engine;
    private @Nullable TuttiProcess agent;

    private Node(String name) {
      this.name = name;
      this.place = fresh(nodeClock);
      this.engine =
          PacedProcess.start(
              "--kind",
              "ollama",
              "--models",
              model(),
              "--load",
              "0",
              "--prefill",
              "10000",
              "--decode",
              Integer.toString(TOKENS_PER_S),
              "--answer",
              "endless",
              "--slots",
              "4");
    }

    String model() {
      return "sim/" + name;
    }

    TuttiProcess agent() {
      TuttiProcess running = agent;
      if (running == null) {
        throw new IllegalStateException(name + ": no agent (expected: started)");
      }
      return running;
    }

    /// Starts the agent as somebody does who joined before; does not wait for it.
    TuttiProcess run() {
      TuttiProcess fresh =
          kept(
              TuttiProcess.start(
                  place, "agent", "run", "--no-discover", "--backend", engine.url()));
      agent = fresh;
      return fresh;
    }

    /// Stops the agent and waits until the hub has seen it.
    void stop() {
      agent().close();
      Eventually.until(name + " is gone", PATIENCE, () -> !isConnected());
    }

    /// Types an invitation's command; does not wait.
    TuttiProcess type(List<String> invitation) {
      var words = new ArrayList<>(invitation);
      words.addAll(List.of("--no-discover", "--backend", engine.url()));
      TuttiProcess fresh = kept(TuttiProcess.start(place, words.toArray(String[]::new)));
      agent = fresh;
      return fresh;
    }

    Path membership() {
      return place.home().resolve("membership");
    }

    private List<String> remembered(String word) {
      try {
        return Files.readAllLines(membership()).stream()
            .filter(line -> line.startsWith(word + " "))
            .map(line -> line.substring(word.length() + 1))
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// Its certificate and those above it.
    List<X509Certificate> chain() {
      return remembered("certificate").stream().map(MovedMesh::certificate).toList();
    }

    BigInteger serial() {
      return chain().getFirst().getSerialNumber();
    }

    X509Certificate root() {
      return chain().getLast();
    }

    List<String> pins() {
      return remembered("pin");
    }

    /// How the hub sees it.
    Optional<JsonNode> seen() {
      return view().node(name);
    }

    boolean isConnected() {
      return seen().filter(node -> node.path("connected").booleanValue()).isPresent();
    }

    boolean isUsable() {
      return isConnected() && view().offers(engine.url(), model());
    }

    /// The status of a short request that only this machine can do.
    int ask() {
      return view().chat(model(), 2).status();
    }
  }

  private static X509Certificate certificate(String text) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(Base64.getUrlDecoder().decode(text)));
    } catch (CertificateException e) {
      throw new IllegalStateException("membership: " + text + " (expected: a certificate)", e);
    }
  }

  private static void forget(Path home) {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TuttiProcess.Place fresh(MovedClock clock) {
    var place = clock.at(TuttiProcess.Place.fresh());
    homes.add(place.home());
    return place;
  }

  private TuttiProcess kept(TuttiProcess process) {
    started.add(process);
    return process;
  }

  /// A machine that is there, but has not joined.
  Node machine(String name) {
    var node = new Node(name);
    nodes.put(name, node);
    return node;
  }

  private void join(String name) {
    machine(name).type(invite(name));
  }

  Node node(String name) {
    return Objects.requireNonNull(nodes.get(name));
  }

  /// The words that an invitation prints, without the program's name.
  List<String> invite(String name) {
    var said = cli("node", "invite", "--name", name);
    assertThat(said.code()).as(said.toString()).isZero();
    return List.of(said.out().strip().replaceFirst("^tutti ", "").split(" "));
  }

  /// Types a command at the hub's machine.
  TuttiProcess.Said cli(String... words) {
    var all = new ArrayList<>(List.of("--url", url()));
    all.addAll(List.of(words));
    return TuttiProcess.run(atHub, all.toArray(String[]::new));
  }

  /// The same for one that prints a document, and must work.
  JsonNode document(String... words) {
    var said = cli(words);
    assertThat(said.code()).as(said.toString()).isZero();
    return HubApi.parse(said.out());
  }

  JsonNode authority() {
    return Http.get(url() + "/mesh/v1/authority").json();
  }

  /// Moves all clocks.
  void move(Duration ahead) {
    hubClock.set(ahead);
    nodeClock.set(ahead);
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  HubView view() {
    return new HubView(url());
  }

  TuttiProcess hub() {
    return hub;
  }

  /// Where commands for the hub's machine are typed.
  TuttiProcess.Place atHub() {
    return atHub;
  }

  void stopHub() {
    hub.close();
  }

  /// Starts the hub again, with the ports that it had.
  void startHub() {
    hub =
        kept(
            TuttiProcess.start(
                atHub,
                "up",
                "--port",
                Integer.toString(port),
                "--node-port",
                Integer.toString(nodePort),
                "--grpc-port",
                "0",
                "--no-discover"));
    hub.url();
  }

  /// Waits until every machine has answered a request.
  void awaitAll() {
    nodes.values().forEach(this::await);
  }

  void await(Node node) {
    try {
      Eventually.until(node.name + " works", PATIENCE, () -> node.isUsable() && node.ask() == 200);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + story(), e);
    }
  }

  /// What everybody said, for a failure.
  String story() {
    var story = new StringBuilder("hub:\n").append(hub.log());
    for (Node node : nodes.values()) {
      if (node.agent != null) {
        story.append("\n").append(node.name).append(":\n").append(node.agent().log());
      }
    }
    return story.toString();
  }

  @Override
  public void close() {
    started.reversed().forEach(TuttiProcess::close);
    nodes.values().forEach(node -> node.engine.close());
    homes.forEach(MovedMesh::forget);
  }
}
