package dev.tutti.app.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// How a hub is to be started. What is empty was given neither by flag nor by environment: the
/// configuration file may say it, else the default counts.
///
/// @param port for people and clients
/// @param nodePort for agents
/// @param grpcPort for gRPC clients
/// @param host the address to listen on
/// @param lan whether to listen on the network, which needs a key
/// @param backends engines as `URL[,slots=N][,name=X]`
/// @param demo whether to start simulated engines
/// @param strategy how routes are ranked
/// @param discover whether to search for engines and nodes
/// @param home where all state lives
/// @param config the configuration file
/// @param tls whether to speak TLS to clients with a certificate that the hub makes
/// @param tlsCertificate the hub's certificate, a PEM file
/// @param tlsKey its private key, a PEM file
/// @param json whether to print events as JSON lines
public record UpOptions(
    OptionalInt port,
    OptionalInt nodePort,
    OptionalInt grpcPort,
    Optional<String> host,
    boolean lan,
    List<String> backends,
    boolean demo,
    Optional<String> strategy,
    boolean discover,
    Path home,
    Optional<Path> config,
    boolean tls,
    Optional<Path> tlsCertificate,
    Optional<Path> tlsKey,
    boolean json) {
  /// Where in the home a hub that speaks TLS leaves its certificate for the command line.
  public static final String CERTIFICATE_FILE = "cli-certificate.pem";

  /// Copies the list.
  public UpOptions {
    backends = List.copyOf(backends);
  }
}
