package dev.tutti.gateway;

import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.VertxConnection;

/// How an answer is broken off so that no client takes it for a whole one.
final class Severing {
  private Severing() {}

  /// Breaks the answer off after what was written so far.
  ///
  /// HTTP/1.1: the connection ends without the last chunk. HTTP/1.0 has no chunks and takes any
  /// orderly end for the end of the answer, so that connection is reset. HTTP/2: the stream is.
  static void sever(HttpServerRequest request) {
    switch (request.version()) {
      case HTTP_2 -> request.response().reset();
      case HTTP_1_0 -> resetConnection(request);
      case HTTP_1_1 -> request.connection().close();
    }
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
