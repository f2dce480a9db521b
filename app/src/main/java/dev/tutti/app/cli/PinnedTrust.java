package dev.tutti.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// Trusts whom Java trusts, and whoever shows exactly the certificate that the hub of this machine
/// has, under whatever name it was reached: who shows it holds its key.
final class PinnedTrust extends X509ExtendedTrustManager {
  private final Certificate pinned;
  private final X509ExtendedTrustManager usual;

  private PinnedTrust(Certificate pinned, X509ExtendedTrustManager usual) {
    this.pinned = pinned;
    this.usual = usual;
  }

  /// What a client is given that is to trust the first certificate of that PEM file.
  static SSLContext context(Path file) {
    try (InputStream pem = Files.newInputStream(file)) {
      Certificate pinned = CertificateFactory.getInstance("X.509").generateCertificate(pem);
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      for (TrustManager usual : factory.getTrustManagers()) {
        if (usual instanceof X509ExtendedTrustManager manager) {
          SSLContext context = SSLContext.getInstance("TLS");
          context.init(null, new TrustManager[] {new PinnedTrust(pinned, manager)}, null);
          return context;
        }
      }
      throw new IllegalStateException("no trust manager (expected: Java's own)");
    } catch (IOException | GeneralSecurityException e) {
      throw new CliException(
          Exit.ENVIRONMENT, file + ": unusable (expected: the hub's certificate, PEM)", e);
    }
  }

  private boolean isPinned(X509Certificate[] chain) {
    return chain.length > 0 && chain[0].equals(pinned);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
      throws CertificateException {
    if (!isPinned(chain)) {
      usual.checkServerTrusted(chain, kind, engine);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket)
      throws CertificateException {
    if (!isPinned(chain)) {
      usual.checkServerTrusted(chain, kind, socket);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
    if (!isPinned(chain)) {
      usual.checkServerTrusted(chain, kind);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
      throws CertificateException {
    usual.checkClientTrusted(chain, kind, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket)
      throws CertificateException {
    usual.checkClientTrusted(chain, kind, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
    usual.checkClientTrusted(chain, kind);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return usual.getAcceptedIssuers();
  }
}
