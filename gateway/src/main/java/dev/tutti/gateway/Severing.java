package dev.tutti.gateway;

import dev.tutti.core.Time;
import io.netty.channel.ChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.VertxConnection;

/// How an answer is broken off so that no client takes it for a whole one.
final class Severing {
  /// HTTP/2's INTERNAL_ERROR. With NO_ERROR some clients take a reset for a good end.
  private static final long INTERNAL_ERROR = 2;

  private Severing() {}

  /// Breaks the answer off at once; what still waits to be written may be lost.
  ///
  /// HTTP/1.1: the connection ends without the last chunk. HTTP/1.0 has no chunks and takes any
  /// orderly end for the end of the answer, so that connection is reset. HTTP/2: the stream is.
  static void sever(HttpServerRequest request) {
    switch (request.version()) {
      case HTTP_2 -> request.response().reset(INTERNAL_ERROR);
      case HTTP_1_0 -> resetConnection(request);
      case HTTP_1_1 -> request.connection().close();
    }
  }

  /// Breaks the answer off after these last words have gone out, or when the client does not take
  /// them for too long. A reset discards what a client has not read yet, so it comes a moment
  /// later.
  static void severAfter(
      HttpServerRequest request, byte[] lastWords, Time time, GatewayLimits.Answers limits) {
    Time.Timer patience = time.after(limits.stall(), () -> sever(request));
    request
        .response()
        .write(Buffer.buffer(lastWords))
        .onComplete(_ -> {
          patience.cancel();
          switch (request.version()) {
            case HTTP_1_1 -> sever(request);
            case HTTP_1_0, HTTP_2 -> time.after(limits.beforeReset(), () -> sever(request));
          }
        });
  }

  private static void resetConnection(HttpServerRequest request) {
    if (request.connection() instanceof VertxConnection connection) {
      connection.channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    request.connection().close();
  }

  /// Whether the version has a way to send an answer of unknown length.
  static boolean chunks(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_1_1;
  }
}
