package dev.tutti.link.trust;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Whether an agent believes that somebody is its hub: by the pin of its root, and by nothing else.
/// Any thread.
public final class HubTrust extends OneWayTrust {
  private final Set<Pin> pins;
  private final Supplier<Instant> now;
  private volatile @Nullable Pin met;

  /// @param pins of which one has to fit; none when no hub is known yet: then whoever answers first
  ///   is believed, and nobody else after it
  public HubTrust(Set<Pin> pins, Supplier<Instant> now) {
    super(Chain.Purpose.HUB);
    this.pins = Set.copyOf(pins);
    this.now = now;
  }

  /// The root of the hub that was believed last; empty when there was none yet.
  public Optional<Pin> met() {
    return Optional.ofNullable(met);
  }

  private boolean believed(Pin pin) {
    Pin first = met;
    return pins.isEmpty() ? first == null || first.equals(pin) : pins.contains(pin);
  }

  @Override
  synchronized void judge(List<X509Certificate> shown) throws CertificateException {
    Instant at = now.get();
    Chain chain = Chain.check(shown, Chain.Purpose.HUB, this::believed, at);
    if (at.plus(Lifetimes.SKEW).isBefore(chain.notBefore())
        || at.minus(Lifetimes.SKEW).isAfter(chain.notAfter())) {
      throw new CertificateException(
          "hub's certificate: valid "
              + chain.notBefore()
              + " to "
              + chain.notAfter()
              + " (expected: at "
              + at
              + "; are both clocks right?)");
    }
    met = chain.root();
  }
}
