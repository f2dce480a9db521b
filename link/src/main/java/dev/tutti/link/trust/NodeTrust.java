package dev.tutti.link.trust;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Whether a hub believes a node's certificate at all: that its own authority made it. Whether its
/// time is over, and whether the node may still come, is asked afterwards, so that the node can be
/// told. Any thread.
public final class NodeTrust extends OneWayTrust {
  private final String mesh;
  private final Supplier<Set<Pin>> pins;
  private final Supplier<Instant> now;

  /// @param pins the roots that are believed at the moment
  public NodeTrust(String mesh, Supplier<Set<Pin>> pins, Supplier<Instant> now) {
    super(Chain.Purpose.NODE);
    this.mesh = mesh;
    this.pins = pins;
    this.now = now;
  }

  @Override
  void judge(List<X509Certificate> shown) throws CertificateException {
    Chain chain = Chain.check(shown, Chain.Purpose.NODE, pins.get()::contains, now.get());
    if (!chain.id().mesh().equals(mesh)) {
      throw new CertificateException("certificate: of another mesh (expected: " + mesh + ")");
    }
  }
}
