package dev.tutti.gateway;

import java.time.Duration;

/// Every bound of the edge. Amounts ending in `Bytes` are bytes.
///
/// @param bodies of requests
/// @param connections of clients
/// @param answers of clients
public record GatewayLimits(Bodies bodies, Connections connections, Answers answers) {
  private static final int KIBI = 1024;
  private static final int MEBI = KIBI * KIBI;

  /// What a hub uses unless told otherwise.
  public static final GatewayLimits DEFAULT =
      new GatewayLimits(
          new Bodies(
              100 * MEBI,
              256L * MEBI,
              64 * KIBI,
              2,
              Duration.ofSeconds(60),
              KIBI,
              Duration.ofSeconds(2)),
          new Connections(
              4_096,
              3_072,
              32 * KIBI,
              8 * KIBI,
              128,
              400,
              Duration.ofSeconds(10),
              Duration.ofSeconds(10),
              Duration.ofSeconds(75)),
          new Answers(
              64 * KIBI,
              Duration.ofMinutes(10),
              Duration.ofMillis(100),
              Duration.ofSeconds(15),
              Duration.ofSeconds(60),
              Duration.ofSeconds(15)));

  /// The same with other bounds for bodies.
  public GatewayLimits with(Bodies others) {
    return new GatewayLimits(others, connections, answers);
  }

  /// The same with other bounds for connections.
  public GatewayLimits with(Connections others) {
    return new GatewayLimits(bodies, others, answers);
  }

  /// The same with other bounds for answers.
  public GatewayLimits with(Answers others) {
    return new GatewayLimits(bodies, connections, others);
  }

  /// Bounds of request bodies.
  ///
  /// @param maxBytes the largest body of one request, as it was sent and as it is decoded
  /// @param maxBufferedBytes all request bodies in memory, from their first byte to their task's
  ///   end
  /// @param maxInlineParseBytes the largest body that is parsed on the owner's loop
  /// @param maxDecodings compressed bodies that are decoded at a time; others wait their turn
  /// @param idle the longest silence while a body is being sent
  /// @param leastBytesPerSecond how fast a body must come on average once `idle` has passed
  /// @param linger how long a refused body is still taken in, so that the client can read why
  public record Bodies(
      int maxBytes,
      long maxBufferedBytes,
      int maxInlineParseBytes,
      int maxDecodings,
      Duration idle,
      int leastBytesPerSecond,
      Duration linger) {
    /// The same with other sizes.
    public Bodies withSizes(int maxBytes, long maxBufferedBytes) {
      return new Bodies(
          maxBytes,
          maxBufferedBytes,
          maxInlineParseBytes,
          maxDecodings,
          idle,
          leastBytesPerSecond,
          linger);
    }

    /// The same with another time for refused bodies.
    public Bodies withLinger(Duration linger) {
      return new Bodies(
          maxBytes,
          maxBufferedBytes,
          maxInlineParseBytes,
          maxDecodings,
          idle,
          leastBytesPerSecond,
          linger);
    }

    /// The same with another patience for silence.
    public Bodies withIdle(Duration idle) {
      return new Bodies(
          maxBytes,
          maxBufferedBytes,
          maxInlineParseBytes,
          maxDecodings,
          idle,
          leastBytesPerSecond,
          linger);
    }
  }

  /// Bounds of connections.
  ///
  /// @param max connections of clients at a time; past it the one that is idle for longest goes
  /// @param maxPerAddress the same of one address, so that nobody has them all
  /// @param maxHeaderBytes all headers of one request
  /// @param maxLineBytes a request line
  /// @param maxStreams requests at a time on one HTTP/2 connection
  /// @param maxResets requests that an HTTP/2 client may break off within `resetWindow` before its
  ///   connection counts as an attack
  /// @param resetWindow over which broken-off requests are counted, in whole seconds
  /// @param handshake the longest that a TLS handshake may take
  /// @param idle the longest time that a connection may have no request under way
  public record Connections(
      int max,
      int maxPerAddress,
      int maxHeaderBytes,
      int maxLineBytes,
      int maxStreams,
      int maxResets,
      Duration resetWindow,
      Duration handshake,
      Duration idle) {
    /// The same with another number of connections.
    public Connections withMax(int max) {
      return new Connections(
          max,
          maxPerAddress,
          maxHeaderBytes,
          maxLineBytes,
          maxStreams,
          maxResets,
          resetWindow,
          handshake,
          idle);
    }

    /// The same with another number of one address.
    public Connections withMaxPerAddress(int maxPerAddress) {
      return new Connections(
          max,
          maxPerAddress,
          maxHeaderBytes,
          maxLineBytes,
          maxStreams,
          maxResets,
          resetWindow,
          handshake,
          idle);
    }

    /// The same with another patience for idle ones.
    public Connections withIdle(Duration idle) {
      return new Connections(
          max,
          maxPerAddress,
          maxHeaderBytes,
          maxLineBytes,
          maxStreams,
          maxResets,
          resetWindow,
          handshake,
          idle);
    }
  }

  /// Bounds of answers.
  ///
  /// @param maxWriteQueueBytes unsent bytes of one answer before its engine is asked to pause
  /// @param stall the longest time that a client may leave its answer unread
  /// @param beforeReset how long a client is given to read the last words of a broken answer before
  ///   a reset takes them away
  /// @param silentEngine how long an engine that has a task may be silent before its client is sent
  ///   early headers
  /// @param silentWait how long a client hears nothing at all, in the queue or while its answer is
  ///   gathered, before it is sent early headers
  /// @param keepAlive the longest silence on an answer that has begun, and on an event feed
  public record Answers(
      int maxWriteQueueBytes,
      Duration stall,
      Duration beforeReset,
      Duration silentEngine,
      Duration silentWait,
      Duration keepAlive) {
    /// The same with another patience for clients that do not read.
    public Answers withStall(Duration stall) {
      return new Answers(
          maxWriteQueueBytes, stall, beforeReset, silentEngine, silentWait, keepAlive);
    }

    /// The same with other silences.
    public Answers withSilences(Duration silentEngine, Duration silentWait, Duration keepAlive) {
      return new Answers(
          maxWriteQueueBytes, stall, beforeReset, silentEngine, silentWait, keepAlive);
    }
  }
}
