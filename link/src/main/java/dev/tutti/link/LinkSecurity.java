package dev.tutti.link;

import io.netty.channel.Channel;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// How the hub's end proves who it is and whom it believes: the one place where TLS enters it.
///
/// A certificate is asked for and not required: a newcomer has none. What somebody without one may
/// do is decided afterwards.
///
/// @param shows asked at each handshake, so that a new certificate needs no new listener
/// @param believes judges the certificates of nodes
public record LinkSecurity(X509ExtendedKeyManager shows, X509ExtendedTrustManager believes) {
  HttpServerOptions secure(HttpServerOptions options, Consumer<Channel> begins) {
    return options
        .setSsl(true)
        .setUseAlpn(true)
        .setEnabledSecureTransportProtocols(Connections.TLS)
        .setClientAuth(ClientAuth.REQUEST)
        .setKeyCertOptions(KeyCertOptions.wrap(shows))
        .setTrustOptions(TrustOptions.wrap(believes))
        .setSslHandshakeTimeout(LinkLimits.HANDSHAKE.toMillis())
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
        // Handshakes cost more than anything else here: the loop of the pulses must not wait.
        .setSslEngineOptions(new ToldTls(begins).setUseWorkerThread(true));
  }
}
