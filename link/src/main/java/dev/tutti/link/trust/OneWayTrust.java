package dev.tutti.link.trust;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Judges one kind of peer and believes no other.
abstract sealed class OneWayTrust extends X509ExtendedTrustManager permits HubTrust, NodeTrust {
  private final Chain.Purpose purpose;

  OneWayTrust(Chain.Purpose purpose) {
    this.purpose = purpose;
  }

  /// Believes it or throws.
  abstract void judge(List<X509Certificate> shown) throws CertificateException;

  private void judge(Chain.Purpose asked, X509Certificate[] shown) throws CertificateException {
    if (asked != purpose) {
      throw new CertificateException("peer: at the wrong end of the connection");
    }
    judge(List.of(shown));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] shown, String type) throws CertificateException {
    judge(Chain.Purpose.NODE, shown);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] shown, String type, Socket socket)
      throws CertificateException {
    judge(Chain.Purpose.NODE, shown);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] shown, String type, SSLEngine engine)
      throws CertificateException {
    judge(Chain.Purpose.NODE, shown);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] shown, String type) throws CertificateException {
    judge(Chain.Purpose.HUB, shown);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] shown, String type, Socket socket)
      throws CertificateException {
    judge(Chain.Purpose.HUB, shown);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] shown, String type, SSLEngine engine)
      throws CertificateException {
    judge(Chain.Purpose.HUB, shown);
  }

  /// Nobody in particular: a list would keep a peer from showing a certificate of a root that goes.
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
