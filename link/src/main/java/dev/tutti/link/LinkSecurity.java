package dev.tutti.link;

import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;

/// How both ends of the link prove who they are and hide what they say: the one place where TLS
/// enters either end.
public sealed interface LinkSecurity {
  /// Adds what the hub's end needs.
  void secure(HttpServerOptions options);

  /// Adds what the agent's end needs.
  void secure(HttpClientOptions options);

  /// No encryption: HTTP/2 with prior knowledge. Credentials alone tell nodes apart.
  record Plain() implements LinkSecurity {
    @Override
    public void secure(HttpServerOptions options) {
      options.setSsl(false).setHttp2ClearTextEnabled(true);
    }

    @Override
    public void secure(HttpClientOptions options) {
      options.setSsl(false).setHttp2ClearTextUpgrade(false);
    }
  }
}
