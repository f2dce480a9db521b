package dev.tutti.gateway;

/// Where the gateway listens and its bounds.
///
/// @param host the address to bind to
/// @param port the port, 0 for any free one
/// @param grpcPort the port for gRPC clients, 0 for any free one, -1 for none
/// @param limits every bound
public record GatewayOptions(String host, int port, int grpcPort, GatewayLimits limits) {
  /// No gRPC.
  public static final int NO_GRPC = -1;

  /// On loopback, with the bounds of {@link GatewayLimits#DEFAULT}.
  public static GatewayOptions loopback(int port, int grpcPort) {
    return new GatewayOptions("127.0.0.1", port, grpcPort, GatewayLimits.DEFAULT);
  }
}
