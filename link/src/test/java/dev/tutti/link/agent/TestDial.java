package dev.tutti.link.agent;

import dev.tutti.link.trust.HubTrust;
import dev.tutti.link.trust.KeyMaterial;
import io.vertx.core.http.HttpConnectOptions;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// Connections by hand: with anything to show, and with trust in whoever answers.
public final class TestDial {
  private TestDial() {}

  public static HttpConnectOptions options(int port, Optional<KeyMaterial> shows) {
    return Dialler.options(
        new HubAddress("127.0.0.1", port),
        Dialler.tls(shows, new HubTrust(Set.of(), Instant::now)));
  }
}
