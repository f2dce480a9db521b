package dev.tutti.link.authority;

import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.Pin;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// Everything that an authority keeps; a new one takes the place of the old at each change.
///
/// @param mesh the trust domain in every id, the same for ever
/// @param since when the phase began
/// @param current the root that everybody knows
/// @param coming the root that takes over; in every phase but {@link Phase#STEADY}
/// @param hub what the hub shows; empty before there is any
public record AuthorityState(
    String mesh,
    Phase phase,
    Instant since,
    Line current,
    Optional<Line> coming,
    Optional<KeyMaterial> hub) {

  /// Checks that there is a second root exactly when it is needed.
  public AuthorityState {
    if ((phase == Phase.STEADY) == coming.isPresent()) {
      throw new IllegalArgumentException(
          "phase: " + phase.word() + " (expected: a second root in every phase but steady)");
    }
  }

  /// A root and the intermediate under it.
  ///
  /// @param sealedRootKey the root's key, closed with a key that is kept apart
  /// @param intermediateKey secret
  public record Line(
      X509Certificate root,
      String sealedRootKey,
      X509Certificate intermediate,
      PrivateKey intermediateKey) {

    /// What nodes know this root by.
    public Pin pin() {
      return Pin.of(root);
    }

    Line with(X509Certificate newIntermediate, PrivateKey newKey) {
      return new Line(root, sealedRootKey, newIntermediate, newKey);
    }

    @Override
    public String toString() {
      return "Line[pin=" + pin() + "]";
    }
  }

  private Line comingOrCurrent() {
    return coming.orElse(current);
  }

  /// Which root nodes' certificates are made under now.
  public Line forNodes() {
    return switch (phase) {
      case STEADY, INTRODUCED -> current;
      case NODES_MOVE, HUB_MOVES -> comingOrCurrent();
    };
  }

  /// Which root the hub's certificate is made under now.
  public Line forHub() {
    return switch (phase) {
      case STEADY, INTRODUCED, NODES_MOVE -> current;
      case HUB_MOVES -> comingOrCurrent();
    };
  }

  /// Whom both ends believe now.
  public Set<Pin> pins() {
    var pins = new LinkedHashSet<Pin>();
    pins.add(current.pin());
    coming.ifPresent(line -> pins.add(line.pin()));
    return pins;
  }

  /// Begins a rotation.
  AuthorityState introduce(Line line, Instant now) {
    return new AuthorityState(mesh, Phase.INTRODUCED, now, current, Optional.of(line), hub);
  }

  /// One step on; the last one leaves the second root alone.
  AuthorityState onward(Instant now) {
    Phase next = phase.next();
    return next == Phase.STEADY
        ? new AuthorityState(mesh, next, now, comingOrCurrent(), Optional.empty(), hub)
        : new AuthorityState(mesh, next, now, current, coming, hub);
  }

  /// One step back; the last one leaves the first root alone.
  AuthorityState backward(Instant now) {
    Phase before = phase.back();
    return new AuthorityState(
        mesh, before, now, current, before == Phase.STEADY ? Optional.empty() : coming, hub);
  }

  AuthorityState withHub(KeyMaterial material) {
    return new AuthorityState(mesh, phase, since, current, coming, Optional.of(material));
  }

  AuthorityState withCurrent(Line line) {
    return new AuthorityState(mesh, phase, since, line, coming, hub);
  }

  AuthorityState withComing(Line line) {
    return new AuthorityState(mesh, phase, since, current, Optional.of(line), hub);
  }

  @Override
  public String toString() {
    return "AuthorityState[mesh=" + mesh + ", phase=" + phase.word() + ", pins=" + pins() + "]";
  }
}
