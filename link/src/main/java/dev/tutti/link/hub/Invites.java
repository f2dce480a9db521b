package dev.tutti.link.hub;

import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.link.trust.Pin;
import dev.tutti.link.trust.Proof;
import dev.tutti.link.trust.Seal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The invitations that are open. What is kept of one is what its secret is proved against, closed
/// with the hub's key, until it is used or over. Owner loop.
final class Invites {
  private static final Logger log = LoggerFactory.getLogger(Invites.class);
  private static final String PURPOSE = "invitation ";

  /// Wrong proofs after which an invitation is over.
  static final int MAX_WRONG_PROOFS = 8;

  private final EnrolmentLog records;
  private final Time time;
  private final RandomGenerator random;
  private final Seal seal;
  private final Map<String, Open> open = new LinkedHashMap<>();

  /// Those of `kept` that are still good count on; by the wall clock, since nothing else outlives a
  /// process. One that was made later than now, as a clock that was put back says, is over.
  Invites(
      EnrolmentLog records, Time time, RandomGenerator random, Seal seal, List<OpenInvite> kept) {
    this.records = records;
    this.time = time;
    this.random = random;
    this.seal = seal;
    Instant now = time.now();
    for (OpenInvite invite : kept) {
      Duration left = Duration.between(now, invite.expiresAt());
      if (now.isBefore(invite.createdAt()) || left.compareTo(Duration.ZERO) <= 0) {
        records.delete(invite.id());
      } else {
        Duration atMost = left.compareTo(Enrolment.TOKEN_TTL) > 0 ? Enrolment.TOKEN_TTL : left;
        open.put(invite.id(), new Open(invite, time.nanos() + atMost.toNanos()));
      }
    }
  }

  private static final class Open {
    private final OpenInvite invite;
    private final long expiresNanos;
    private int wrong;

    Open(OpenInvite invite, long expiresNanos) {
      this.invite = invite;
      this.expiresNanos = expiresNanos;
    }
  }

  Enrolment.Invitation make(Pin pin, NodeId node, NodeRole role) {
    sweep();
    if (open.size() >= Enrolment.MAX_INVITES) {
      throw MeshException.invalid(
          "open invitations: " + open.size() + " (expected: < " + Enrolment.MAX_INVITES + ")");
    }
    var token = JoinToken.fresh(pin, random);
    Instant now = time.now();
    String sealed = seal.close(Proof.keyOf(token.id(), token.secret()), PURPOSE + token.id());
    var invite = new OpenInvite(token.id(), node, role, sealed, now, now.plus(Enrolment.TOKEN_TTL));
    open.put(token.id(), new Open(invite, time.nanos() + Enrolment.TOKEN_TTL.toNanos()));
    records.save(invite);
    return new Enrolment.Invitation(token.text(), node, role, invite.expiresAt());
  }

  /// The invitation that is claimed, if whoever claims it has its secret.
  @Nullable OpenInvite proved(NodeAdmission.Invited claim) {
    sweep();
    Open known = open.get(claim.tokenId());
    if (known == null) {
      return null;
    }
    byte[] key;
    try {
      key = seal.open(known.invite.sealed(), PURPOSE + claim.tokenId());
    } catch (IllegalArgumentException lost) {
      log.warn("An invitation cannot be read any more. node={}", known.invite.node());
      over(claim.tokenId());
      return null;
    }
    boolean right =
        Proof.matches(
            claim.proof().toByteArray(),
            key,
            claim.exporter().toByteArray(),
            claim.request().toByteArray());
    if (!right && ++known.wrong >= MAX_WRONG_PROOFS) {
      log.warn("An invitation is over: too many wrong proofs. node={}", known.invite.node());
      over(claim.tokenId());
    }
    return right ? known.invite : null;
  }

  /// It was used. Its record goes together with what it was used for.
  void used(OpenInvite invite) {
    open.remove(invite.id());
  }

  private void over(String id) {
    open.remove(id);
    records.delete(id);
  }

  /// By either clock: the wall's may be put back, the other one stands still while a machine
  /// sleeps.
  void sweep() {
    long nanos = time.nanos();
    Instant now = time.now();
    List.copyOf(open.values()).stream()
        .filter(known -> nanos - known.expiresNanos >= 0 || !now.isBefore(known.invite.expiresAt()))
        .forEach(known -> over(known.invite.id()));
  }
}
