package dev.tutti.link.trust;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Shows the one certificate that there is at the moment, to whoever asks. Any thread.
public final class OneKey extends X509ExtendedKeyManager {
  private static final String CURVE_KEY = "EC";

  private final Supplier<KeyMaterial> material;
  private volatile @Nullable KeyMaterial shown;
  private volatile @Nullable KeyMaterial before;

  /// `material` may give another one at any time: the next handshake shows it.
  public OneKey(Supplier<KeyMaterial> material) {
    this.material = material;
  }

  /// A handshake asks three times, and a change in between must not give it halves of two: the one
  /// before stays known under its name.
  private synchronized String newest() {
    KeyMaterial now = material.get();
    KeyMaterial last = shown;
    if (!now.equals(last)) {
      before = last;
      shown = now;
    }
    return alias(now);
  }

  private static String alias(KeyMaterial material) {
    return material.leaf().getSerialNumber().toString(16);
  }

  private @Nullable KeyMaterial named(String alias) {
    KeyMaterial last = shown;
    if (last != null && alias(last).equals(alias)) {
      return last;
    }
    KeyMaterial older = before;
    return older != null && alias(older).equals(alias) ? older : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    KeyMaterial found = named(alias);
    return found == null ? null : found.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    KeyMaterial found = named(alias);
    return found == null ? null : found.key();
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return keyType.equals(CURVE_KEY) ? newest() : null;
  }

  @Override
  public String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, SSLEngine engine) {
    return newest();
  }

  @Override
  public String[] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {newest()};
  }

  @Override
  public String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return newest();
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {newest()};
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return keyType.equals(CURVE_KEY) ? newest() : null;
  }
}
