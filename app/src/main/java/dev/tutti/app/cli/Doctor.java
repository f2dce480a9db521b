package dev.tutti.app.cli;

import dev.tutti.app.cli.Finding.Severity;
import dev.tutti.app.cli.ListeningSockets.Reach;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Looks for what keeps a mesh from working on this machine. Changes nothing by itself.
final class Doctor {
  private static final int LEAST_JAVA = 25;

  /// How long an engine on this machine may take to say what it is.
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);

  /// A longer answer is no engine's.
  private static final int MAX_PROBE_BYTES = 1 << 20;

  private static final int OLLAMA_PORT = 11434;

  /// Where keys lie in the home.
  private static final List<String> SECRET_FILES =
      List.of(Session.KEY_FILE, "membership", "audit/key", "tutti.db");

  private static final Set<PosixFilePermission> OWNER_READS =
      PosixFilePermissions.fromString("rw-------");

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private final Environment environment;
  private final Path home;
  private final HubClient hub;
  private final Scope scope;
  private final ListeningSockets sockets;

  /// @param environment this machine
  /// @param home where the state lives
  /// @param hub the hub to look at
  /// @param scope where to look
  Doctor(Environment environment, Path home, HubClient hub, Scope scope) {
    this.environment = environment;
    this.home = home;
    this.hub = hub;
    this.scope = scope;
    this.sockets = new ListeningSockets(environment.proc());
  }

  /// Where to look.
  ///
  /// @param hubPorts the ports that a hub wants
  /// @param enginePorts the ports where engines usually listen
  /// @param lan addresses whose Ollama port is asked, because the owner wants it
  record Scope(List<Integer> hubPorts, List<Integer> enginePorts, List<InetAddress> lan) {
    Scope(List<Integer> hubPorts, List<Integer> enginePorts) {
      this(hubPorts, enginePorts, List.of());
    }

    Scope with(List<InetAddress> addresses) {
      return new Scope(hubPorts, enginePorts, addresses);
    }

    /// The usual ports.
    static final Scope USUAL =
        new Scope(List.of(8765, 8766, 8767), List.of(11434, 8080, 9931, 8000, 1234));
  }

  /// Everything that was found, good and bad, in the order in which it should be read.
  List<Finding> examine() {
    var findings = new ArrayList<Finding>();
    findings.add(java());
    findings.add(home());
    findings.addAll(openSecrets());
    var view = hub(findings);
    findings.addAll(ports(view));
    findings.addAll(engines(view));
    findings.addAll(openEngines());
    findings.addAll(oldEngines(view));
    findings.addAll(openInTheLan());
    return List.copyOf(findings);
  }

  private Finding java() {
    int feature = environment.java().feature();
    return feature >= LEAST_JAVA
        ? Finding.ok("java", "Java " + environment.java())
        : Finding.of(
            "java",
            Severity.ERROR,
            "Java " + feature + " (expected: >= " + LEAST_JAVA + ")",
            "install a JDK " + LEAST_JAVA + " or newer and point TUTTI_JAVA_HOME at it");
  }

  private Finding home() {
    if (!Files.exists(home)) {
      return Finding.ok("home", home + " does not exist yet; 'tutti up' makes it");
    }
    if (!Files.isDirectory(home) || !Files.isWritable(home)) {
      return Finding.of(
          "home",
          Severity.ERROR,
          home + " cannot be written",
          "make it a directory of yours, or choose another with --home");
    }
    try {
      var others = EnumSet.noneOf(PosixFilePermission.class);
      others.addAll(Files.getPosixFilePermissions(home));
      others.removeAll(OWNER_ONLY);
      return others.isEmpty() ? Finding.ok("home", home + " is writable, and yours only") : open();
    } catch (UnsupportedOperationException | IOException _) {
      // A file system without permissions has none that could be wrong.
      return Finding.ok("home", home + " is writable");
    }
  }

  private Finding open() {
    return new Finding(
        "home.permissions",
        Severity.WARNING,
        "others on this machine can look into " + home + ", where keys are kept",
        "chmod 700 '" + home + "'",
        Optional.of(() -> Files.setPosixFilePermissions(home, OWNER_ONLY)));
  }

  /// Keys that lie in files which others can read, whoever may enter the directory.
  private List<Finding> openSecrets() {
    var findings = new ArrayList<Finding>();
    for (String name : SECRET_FILES) {
      Path file = home.resolve(name);
      try {
        if (Files.isRegularFile(file) && Secrets.isOpen(file)) {
          findings.add(
              new Finding(
                  "secret.permissions",
                  Severity.WARNING,
                  "others on this machine can read " + file,
                  "chmod 600 '" + file + "', and replace what it holds if you do not trust them",
                  Optional.of(() -> Files.setPosixFilePermissions(file, OWNER_READS))));
        }
      } catch (IOException _) {
        // What cannot be looked at is not open to this user.
      }
    }
    return findings;
  }

  private static List<Finding> oldEngines(HubView view) {
    var findings = new ArrayList<Finding>();
    for (JsonNode backend : view.backends()) {
      String version = Json.text(backend, "version");
      KnownHoles.of(Json.text(backend, "kind"), version)
          .ifPresent(hole ->
              findings.add(
                  Finding.of(
                      "engine.hole",
                      Severity.WARNING,
                      Json.text(backend, "backend_id")
                          + " is version "
                          + version
                          + ", "
                          + hole.what(),
                      "update it to " + hole.mended() + " or newer")));
    }
    return findings;
  }

  private List<Finding> openInTheLan() {
    return LanScan.ollamas(scope.lan(), OLLAMA_PORT).stream()
        .map(open -> {
          String hole =
              KnownHoles.of("ollama", open.version()).map(each -> "; " + each.what()).orElse("");
          return Finding.of(
              "lan.open",
              Severity.WARNING,
              "an Ollama " + open.version() + " answers everybody at " + open.address() + hole,
              "set OLLAMA_HOST=127.0.0.1 on that machine, and let its agent offer it: tutti node"
                  + " invite");
        })
        .toList();
  }

  /// What the hub says of itself.
  ///
  /// @param isUp whether one answers
  /// @param backends its engines
  private record HubView(boolean isUp, List<JsonNode> backends) {}

  private HubView hub(List<Finding> findings) {
    JsonNode backends;
    JsonNode nodes;
    try {
      var response = hub.probe("/health");
      response.body().close();
      response
          .headers()
          .firstValue("date")
          .flatMap(date -> Clocks.ofHub(date, environment.time().now()))
          .ifPresent(findings::add);
      backends = hub.get("backends");
      nodes = hub.get("nodes");
    } catch (CliException e) {
      boolean isLocked = e.exit() == Exit.AUTH;
      findings.add(
          Finding.of(
              isLocked ? "hub.key" : "hub",
              Severity.WARNING,
              String.valueOf(e.getMessage()),
              isLocked ? "show a key: --key or TUTTI_KEY" : "tutti up, or name the hub: --url"));
      return new HubView(isLocked, List.of());
    } catch (IOException e) {
      findings.add(Finding.of("hub", Severity.WARNING, "lost: " + e.getMessage(), "try again"));
      return new HubView(false, List.of());
    }
    findings.add(Finding.ok("hub", hub.base() + " answers"));
    findings.addAll(Clocks.ofNodes(Json.items(nodes, "nodes")));
    var list = Json.items(backends, "backends");
    list.forEach(backend -> findings.add(backend(backend)));
    return new HubView(true, list);
  }

  private static Finding backend(JsonNode backend) {
    var id = Views.backendId(backend);
    var health = Views.health(backend);
    if (!Views.isDown(backend)) {
      return Finding.ok("backend", id + " is " + health);
    }
    var trouble = Json.text(backend, "trouble");
    return Finding.of(
        "backend",
        Severity.WARNING,
        id + " is down" + (trouble.isEmpty() ? "" : ": " + trouble),
        "start the engine, then: tutti backend probe " + id);
  }

  private List<Finding> ports(HubView view) {
    var findings = new ArrayList<Finding>();
    for (int port : scope.hubPorts()) {
      if (isFree(port)) {
        findings.add(Finding.ok("port", "port " + port + " is free"));
        continue;
      }
      var owner = ownerOf(port);
      boolean isHub = view.isUp() && owner.equals(ownerOf(hub.base().getPort()));
      findings.add(
          isHub
              ? Finding.ok("port", "port " + port + " is the hub's")
              : Finding.of(
                  "port",
                  Severity.WARNING,
                  "port "
                      + port
                      + " is in use by "
                      + owner.orElse("a process that this user cannot see"),
                  "stop that process, or choose other ports: tutti up --help"));
    }
    return findings;
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException _) {
      return false;
    }
  }

  private Optional<String> ownerOf(int port) {
    return sockets.all().stream()
        .filter(socket -> socket.port() == port)
        .findFirst()
        .flatMap(sockets::owner);
  }

  private List<Finding> engines(HubView view) {
    var findings = new ArrayList<Finding>();
    try (var http = Glance.client(PROBE_TIMEOUT)) {
      for (int port : scope.enginePorts()) {
        boolean isHub = port == hub.base().getPort();
        if (!isHub && isEngine(http, port)) {
          findings.add(engine(port, view));
        }
      }
    }
    return findings;
  }

  private static Finding engine(int port, HubView view) {
    boolean isUsed =
        view.backends().stream()
            .anyMatch(backend -> Json.text(backend, "url").endsWith(":" + port));
    var cause = "an engine answers at http://127.0.0.1:" + port;
    return !view.isUp() || isUsed
        ? Finding.ok("engine", cause)
        : Finding.of(
            "engine",
            Severity.INFO,
            cause + " that the hub does not use",
            "tutti backend add http://127.0.0.1:" + port);
  }

  private static boolean isEngine(HttpClient http, int port) {
    return answers(http, port, "/api/version", "version")
        || answers(http, port, "/v1/models", "data");
  }

  private static boolean answers(HttpClient http, int port, String path, String field) {
    try {
      return Glance.at(
              http, URI.create("http://127.0.0.1:" + port + path), PROBE_TIMEOUT, MAX_PROBE_BYTES)
          .filter(body -> body.has(field))
          .isPresent();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Engines ask nobody for a key: one that listens on every address serves the whole network.
  private List<Finding> openEngines() {
    if (!environment.isLinux()) {
      return List.of();
    }
    return sockets.all().stream()
        .filter(socket -> scope.enginePorts().contains(socket.port()))
        .filter(socket -> socket.reach() == Reach.EVERYWHERE)
        .map(Doctor::openEngine)
        .distinct()
        .toList();
  }

  private static Finding openEngine(ListeningSockets.Socket socket) {
    boolean isOllama = socket.port() == 11434;
    return Finding.of(
        "engine.open",
        Severity.WARNING,
        "port "
            + socket.port()
            + " is open to the whole network, without a key"
            + (isOllama ? " (Ollama)" : ""),
        isOllama
            ? "set OLLAMA_HOST=127.0.0.1 for it and restart it; the mesh reaches it through the"
                + " agent"
            : "let it listen on 127.0.0.1 only; the mesh reaches it through the agent");
  }
}
