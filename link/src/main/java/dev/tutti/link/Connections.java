package dev.tutti.link;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.lang.reflect.Field;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// How HTTP/2 is set up on both ends, so that one stalled answer blocks no other. It is HTTP/2 in
/// TLS 1.3 and nothing else.
public final class Connections {
  /// The only version that is spoken.
  public static final Set<String> TLS = Set.of("TLSv1.3");

  private Connections() {}

  /// The hub's end.
  ///
  /// @param begins told of each connection before its handshake, on its event loop
  public static HttpServerOptions server(LinkSecurity security, Consumer<Channel> begins) {
    return security.secure(
        new HttpServerOptions()
            .setInitialSettings(
                settings().setMaxConcurrentStreams(LinkLimits.MAX_STREAMS_PER_CONNECTION))
            .setHttp2ConnectionWindowSize(LinkLimits.CONNECTION_WINDOW_BYTES)
            .setHttp2RstFloodMaxRstFramePerWindow(LinkLimits.MAX_RESETS_PER_WINDOW)
            .setHttp2RstFloodWindowDuration((int) LinkLimits.RESET_WINDOW.toSeconds())
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setTcpKeepAlive(true)
            .setTcpNoDelay(true),
        begins);
  }

  /// The agent's end. What it shows and believes comes with each connection.
  public static HttpClientOptions client() {
    return new HttpClientOptions()
        .setProtocolVersion(HttpVersion.HTTP_2)
        .setSsl(true)
        .setUseAlpn(true)
        .setVerifyHost(false)
        .setEnabledSecureTransportProtocols(TLS)
        .setSslHandshakeTimeout(LinkLimits.HANDSHAKE.toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        .setInitialSettings(settings().setPushEnabled(false))
        .setHttp2ConnectionWindowSize(LinkLimits.CONNECTION_WINDOW_BYTES)
        .setConnectTimeout((int) LinkLimits.CONNECT.toMillis())
        .setTcpKeepAlive(true)
        .setTcpNoDelay(true);
  }

  /// Lets a connection hold whatever the windows of its streams allow.
  ///
  /// Vert.x 5.0.7 counts how often a stream became writable or not instead of asking whether it is:
  /// where a whole connection is full for a moment, as TLS makes it with every larger piece, the
  /// count can be off by one, and the stream is never written to again. A connection that is never
  /// full leaves only the windows, whose count is right.
  public static void holdWhatWindowsAllow(HttpConnection connection) {
    channel(connection)
        .config()
        .setWriteBufferWaterMark(
            new WriteBufferWaterMark(LinkLimits.MAX_UNSENT_BYTES / 2, LinkLimits.MAX_UNSENT_BYTES));
  }

  /// What a connection runs on.
  public static Channel channel(HttpConnection connection) {
    return base(connection).channel();
  }

  /// A client's connection is wrapped, and its wrapper has no way to what it wraps.
  private static ConnectionBase base(HttpConnection connection) {
    if (connection instanceof ConnectionBase base) {
      return base;
    }
    try {
      Field wrapped = connection.getClass().getDeclaredField("actual");
      wrapped.setAccessible(true);
      if (wrapped.get(connection) instanceof ConnectionBase base) {
        return base;
      }
    } catch (ReflectiveOperationException _) {
      // said below
    }
    throw new IllegalStateException(
        "connection: " + connection.getClass().getName() + " (expected: as in Vert.x 5.0.7)");
  }

  private static Http2Settings settings() {
    return new Http2Settings()
        .setInitialWindowSize(LinkLimits.STREAM_WINDOW_BYTES)
        .setMaxFrameSize(LinkLimits.MAX_FRAME_BYTES)
        .setMaxHeaderListSize(LinkLimits.MAX_HEADER_LIST_BYTES);
  }
}
