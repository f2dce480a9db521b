package dev.tutti.gateway;

import java.time.Duration;

/// Every bound of the edge. Amounts ending in `Bytes` are bytes.
///
/// @param maxBodyBytes the largest body of one request
/// @param maxBufferedBytes all request bodies in memory, from their first byte to their task's end
/// @param maxInlineParseBytes the largest body that is parsed on the owner's loop
/// @param maxHeaderBytes all headers of one request
/// @param maxLineBytes a request line
/// @param maxConnections connections of clients at a time
/// @param maxWriteQueueBytes unsent bytes of one answer before its engine is asked to pause
/// @param bodyIdle the longest silence while a body is being sent
/// @param connectionIdle the longest time that a connection may have no request under way
/// @param stall the longest time that a client may leave its answer unread
/// @param linger how long a refused body is still taken in, so that the client can read why
/// @param keepAlive the longest silence on an event feed before a comment is sent
public record GatewayLimits(
    int maxBodyBytes,
    long maxBufferedBytes,
    int maxInlineParseBytes,
    int maxHeaderBytes,
    int maxLineBytes,
    int maxConnections,
    int maxWriteQueueBytes,
    Duration bodyIdle,
    Duration connectionIdle,
    Duration stall,
    Duration linger,
    Duration keepAlive) {
  private static final int KIBI = 1024;
  private static final int MEBI = KIBI * KIBI;

  /// What a hub uses unless told otherwise.
  public static final GatewayLimits DEFAULT =
      new GatewayLimits(
          100 * MEBI,
          256L * MEBI,
          64 * KIBI,
          32 * KIBI,
          8 * KIBI,
          4_096,
          64 * KIBI,
          Duration.ofSeconds(60),
          Duration.ofSeconds(75),
          Duration.ofMinutes(10),
          Duration.ofSeconds(2),
          Duration.ofSeconds(15));

  /// The same with other bounds for bodies.
  public GatewayLimits withBodies(int maxBodyBytes, long maxBufferedBytes) {
    return new GatewayLimits(
        maxBodyBytes,
        maxBufferedBytes,
        maxInlineParseBytes,
        maxHeaderBytes,
        maxLineBytes,
        maxConnections,
        maxWriteQueueBytes,
        bodyIdle,
        connectionIdle,
        stall,
        linger,
        keepAlive);
  }

  /// The same with other patience.
  public GatewayLimits withPatience(Duration bodyIdle, Duration connectionIdle, Duration stall) {
    return new GatewayLimits(
        maxBodyBytes,
        maxBufferedBytes,
        maxInlineParseBytes,
        maxHeaderBytes,
        maxLineBytes,
        maxConnections,
        maxWriteQueueBytes,
        bodyIdle,
        connectionIdle,
        stall,
        linger,
        keepAlive);
  }

  /// The same with another bound for connections.
  public GatewayLimits withMaxConnections(int maxConnections) {
    return new GatewayLimits(
        maxBodyBytes,
        maxBufferedBytes,
        maxInlineParseBytes,
        maxHeaderBytes,
        maxLineBytes,
        maxConnections,
        maxWriteQueueBytes,
        bodyIdle,
        connectionIdle,
        stall,
        linger,
        keepAlive);
  }

  /// The same with another silence on event feeds.
  public GatewayLimits withKeepAlive(Duration keepAlive) {
    return new GatewayLimits(
        maxBodyBytes,
        maxBufferedBytes,
        maxInlineParseBytes,
        maxHeaderBytes,
        maxLineBytes,
        maxConnections,
        maxWriteQueueBytes,
        bodyIdle,
        connectionIdle,
        stall,
        linger,
        keepAlive);
  }
}
