package dev.tutti.gateway;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Where the gateway listens, how, and its bounds.
///
/// @param host the address to bind to
/// @param port the port, 0 for any free one
/// @param grpcPort the port for gRPC clients, 0 for any free one, -1 for none
/// @param tls with it both ports speak TLS and HTTP/2, the first HTTP/1.1 as well, with anybody;
///   without it they are plain and speak with private networks only
/// @param hosts names under which this hub may be reached, beside addresses and names that only a
///   local network knows, in lower case
/// @param origins web origins whose pages may use the hub with a key, such as
///   `https://chat.example`, in lower case
/// @param limits every bound
public record GatewayOptions(
    String host,
    int port,
    int grpcPort,
    Optional<Tls> tls,
    Set<String> hosts,
    Set<String> origins,
    GatewayLimits limits) {
  /// No gRPC.
  public static final int NO_GRPC = -1;

  /// Copies the sets.
  public GatewayOptions {
    hosts = Set.copyOf(hosts);
    origins = Set.copyOf(origins);
  }

  /// On loopback, without TLS, with the bounds of {@link GatewayLimits#DEFAULT}.
  public static GatewayOptions loopback(int port, int grpcPort) {
    return new GatewayOptions(
        "127.0.0.1", port, grpcPort, Optional.empty(), Set.of(), Set.of(), GatewayLimits.DEFAULT);
  }

  /// Who the hub is, in PEM files.
  ///
  /// @param certificate the certificate, and those that vouch for it, in this order
  /// @param key its private key, not encrypted
  public record Tls(Path certificate, Path key) {}
}
