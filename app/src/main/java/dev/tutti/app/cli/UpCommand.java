package dev.tutti.app.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tutti up`: the hub.
@Command(
    name = "up",
    description = {
      "Run a hub, with this machine as its first node. Engines on this machine are found by"
          + " themselves; others are named by --backend or found by 'tutti discover'.",
      "Prints 'ready URL' on standard output when it serves. Ctrl-C stops it."
    })
final class UpCommand implements Callable<Integer> {
  static final int MAX_PORT = 65_535;

  private final Session session;
  private final Processes processes;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "For people and clients. Default: 8765.")
  private int port = -1;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Listen on this address only. Default: 127.0.0.1; with --lan all.")
  private String host = "";

  @Option(names = "--lan", description = "Listen on the network. Clients then need a key.")
  private boolean lan;

  @Option(
      names = "--backend",
      split = "\\s+",
      paramLabel = "URL[,slots=N][,name=X]",
      description = "An engine to use; may be given more than once.")
  private List<String> backends = new ArrayList<>();

  @Option(names = "--demo", description = "Start four simulated engines to try things out.")
  private boolean demo;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      completionCandidates = Strategies.class,
      description = "How routes are ranked: ${COMPLETION-CANDIDATES}. Default: predictive.")
  private String strategy = "";

  @Option(names = "--no-discover", description = "Search for nothing.")
  private boolean noDiscover;

  @Option(names = "--node-port", paramLabel = "PORT", description = "For agents. Default: 8766.")
  private int nodePort = -1;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      description = "For gRPC clients. Default: 8767.")
  private int grpcPort = -1;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration file. Default: tutti.yaml in the home.")
  private String config = "";

  @Option(
      names = "--tls",
      description =
          "Speak TLS to clients, with a certificate that the hub makes. What they have to be taught"
              + " is clients-root.pem in the home.")
  private boolean tls;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Speak TLS to clients, with this certificate (PEM). Needs --tls-key.")
  private String tlsCertificate = "";

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "The certificate's private key (PEM).")
  private String tlsKey = "";

  UpCommand(Session session, Processes processes) {
    this.session = session;
    this.processes = processes;
  }

  @Override
  public Integer call() {
    if (!strategy.isEmpty() && !Strategies.NAMES.contains(strategy)) {
      throw new CliException(
          Exit.USAGE,
          "--strategy: " + strategy + " (expected: " + String.join(", ", Strategies.NAMES) + ")");
    }
    backends.forEach(UpCommand::checkBackend);
    return processes.up(
        new UpOptions(
            port("--port", port),
            port("--node-port", nodePort),
            port("--grpc-port", grpcPort),
            given(host),
            lan,
            backends,
            demo,
            given(strategy),
            !noDiscover,
            session.home(),
            given(config).map(Path::of),
            tls,
            given(tlsCertificate).map(Path::of),
            given(tlsKey).map(Path::of),
            session.json()));
  }

  static Optional<String> given(String value) {
    return Optional.of(value).filter(text -> !text.isBlank());
  }

  /// A port as typed; -1 stands for "not given", 0 lets the system choose.
  private static OptionalInt port(String option, int value) {
    if (value == -1) {
      return OptionalInt.empty();
    }
    if (value < 0 || value > MAX_PORT) {
      throw new CliException(
          Exit.USAGE, option + ": " + value + " (expected: 0 to " + MAX_PORT + ")");
    }
    return OptionalInt.of(value);
  }

  /// Refuses an engine's address that can never work, before a process is started for it.
  ///
  /// @return the address without what follows it
  static URI checkBackend(String typed) {
    int comma = typed.indexOf(',');
    return HubClient.address(comma < 0 ? typed : typed.substring(0, comma));
  }

  /// The strategies' names, in the order of the help.
  static final class Strategies extends ArrayList<String> {
    private static final long serialVersionUID = 1L;
    static final List<String> NAMES =
        List.of("predictive", "priority", "echo", "least-busy", "round-robin");

    Strategies() {
      super(NAMES);
    }
  }
}
