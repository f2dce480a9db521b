package dev.tutti.link;

import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.TimeUnit;

/// How HTTP/2 is set up on both ends, so that one stalled answer blocks no other.
public final class Connections {
  private Connections() {}

  /// The hub's end.
  public static HttpServerOptions server(LinkSecurity security) {
    var options =
        new HttpServerOptions()
            .setInitialSettings(
                settings().setMaxConcurrentStreams(LinkLimits.MAX_STREAMS_PER_CONNECTION))
            .setHttp2ConnectionWindowSize(LinkLimits.CONNECTION_WINDOW_BYTES)
            .setHttp2RstFloodMaxRstFramePerWindow(LinkLimits.MAX_RESETS_PER_WINDOW)
            .setHttp2RstFloodWindowDuration((int) LinkLimits.RESET_WINDOW.toSeconds())
            .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS)
            .setTcpKeepAlive(true)
            .setTcpNoDelay(true);
    security.secure(options);
    return options;
  }

  /// The agent's end.
  public static HttpClientOptions client(LinkSecurity security) {
    var options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_2)
            .setInitialSettings(settings().setPushEnabled(false))
            .setHttp2ConnectionWindowSize(LinkLimits.CONNECTION_WINDOW_BYTES)
            .setConnectTimeout((int) LinkLimits.CONNECT.toMillis())
            .setTcpKeepAlive(true)
            .setTcpNoDelay(true);
    security.secure(options);
    return options;
  }

  private static Http2Settings settings() {
    return new Http2Settings()
        .setInitialWindowSize(LinkLimits.STREAM_WINDOW_BYTES)
        .setMaxFrameSize(LinkLimits.MAX_FRAME_BYTES)
        .setMaxHeaderListSize(LinkLimits.MAX_HEADER_LIST_BYTES);
  }
}
