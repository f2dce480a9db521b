package dev.tutti.link.agent;

import dev.tutti.link.Connections;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.trust.HubTrust;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.OneKey;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// How an agent dials its hub: with the badge that it has at the moment. Any thread.
///
/// A new badge comes with TLS settings of its own, so that no connection resumes what was said
/// under the old one.
final class Dialler {
  private final HubAddress hub;
  private final Supplier<Instant> now;
  private volatile Dialling dialling;

  private record Dialling(Badge badge, ClientSSLOptions tls) {}

  Dialler(HubAddress hub, Badge badge, Supplier<Instant> now) {
    this.hub = hub;
    this.now = now;
    this.dialling = dialling(badge);
  }

  private Dialling dialling(Badge badge) {
    return new Dialling(badge, tls(Optional.of(badge.material()), new HubTrust(badge.pins(), now)));
  }

  HubAddress hub() {
    return hub;
  }

  Badge badge() {
    return dialling.badge();
  }

  /// From now on connections are made with this one.
  void use(Badge badge) {
    dialling = dialling(badge);
  }

  /// For the next connection.
  HttpConnectOptions options() {
    return options(hub, dialling.tls());
  }

  static HttpConnectOptions options(HubAddress hub, ClientSSLOptions tls) {
    return new HttpConnectOptions()
        .setHost(hub.host())
        .setPort(hub.port())
        .setSsl(true)
        .setSslOptions(tls);
  }

  /// The hub is known by its root's pin, not by the name it was dialled by.
  static ClientSSLOptions tls(Optional<KeyMaterial> shows, HubTrust believes) {
    var options = new ClientSSLOptions();
    options.setHostnameVerificationAlgorithm("");
    options.setUseAlpn(true);
    options.setApplicationLayerProtocols(List.of("h2"));
    options.setEnabledSecureTransportProtocols(Connections.TLS);
    options.setSslHandshakeTimeout(LinkLimits.HANDSHAKE.toMillis());
    options.setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    options.setTrustOptions(TrustOptions.wrap(believes));
    shows.ifPresent(
        material -> options.setKeyCertOptions(KeyCertOptions.wrap(new OneKey(() -> material))));
    return options;
  }
}
