package dev.tutti.link.hub;

import dev.tutti.link.trust.Lifetimes;
import dev.tutti.link.trust.MeshId;
import dev.tutti.link.trust.Pin;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// Who is at the other end of a connection, as its certificate said at the handshake.
///
/// A certificate is judged by the wall clock once, when the connection is made, and from then on
/// runs out by the monotonic one: a clock that jumps ends no connection.
///
/// @param uuid empty when it showed none
/// @param freshFor how long it stays fresh; zero when it is not
record Peer(Optional<UUID> uuid, Lifetimes.Standing standing, Duration freshFor) {
  static final Peer STRANGER =
      new Peer(Optional.empty(), Lifetimes.Standing.TOO_OLD, Duration.ZERO);

  /// Reads what was shown and checked in the handshake.
  ///
  /// @param pins the roots that are believed now: a resumed handshake shows nothing anew
  static Peer of(SSLSession session, Set<Pin> pins, Instant now) {
    Certificate[] shown;
    try {
      shown = session.getPeerCertificates();
    } catch (SSLPeerUnverifiedException _) {
      return STRANGER;
    }
    if (shown.length > 1
        && shown[0] instanceof X509Certificate leaf
        && shown[shown.length - 1] instanceof X509Certificate root
        && pins.contains(Pin.of(root))
        && MeshId.of(leaf).orElse(null) instanceof MeshId.Node node) {
      Instant until = leaf.getNotAfter().toInstant();
      var standing = Lifetimes.standing(leaf.getNotBefore().toInstant(), until, now);
      Duration left =
          standing == Lifetimes.Standing.FRESH ? Duration.between(now, until) : Duration.ZERO;
      return new Peer(Optional.of(node.uuid()), standing, left);
    }
    return STRANGER;
  }

  /// Whether it may do a node's work here.
  boolean mayWork() {
    return uuid.isPresent() && standing == Lifetimes.Standing.FRESH;
  }

  /// Whether it may ask for its next certificate.
  boolean mayRenew() {
    return uuid.isPresent() && standing != Lifetimes.Standing.TOO_OLD;
  }

  /// Why it may not work.
  String why() {
    if (uuid.isEmpty()) {
      return "certificate: none (expected: this hub's; run `tutti agent join`)";
    }
    return switch (standing) {
      case FRESH -> "certificate: fresh";
      case GRACE -> "certificate: expired (expected: renewed first)";
      case FROM_THE_FUTURE ->
          "certificate: not valid yet (expected: renewed first; are both clocks right?)";
      case TOO_OLD ->
          "certificate: expired more than "
              + Lifetimes.GRACE.toDays()
              + " days ago (expected: invite this machine anew; is the hub's clock right?)";
    };
  }
}
