package dev.tutti.link.hub;

import com.google.protobuf.ByteString;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.trust.Hashes;
import dev.tutti.link.trust.Pin;
import dev.tutti.link.trust.SafetyCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Those who came without an invitation and wait for a human's yes. Owner loop.
final class Newcomers {
  private static final Logger log = LoggerFactory.getLogger(Newcomers.class);

  private final Time time;
  private final RandomGenerator random;
  private final Supplier<Pin> pin;
  private final Map<NodeId, Waiting> waiting = new LinkedHashMap<>();

  Newcomers(Time time, RandomGenerator random, Supplier<Pin> pin) {
    this.time = time;
    this.random = random;
    this.pin = pin;
  }

  private static final class Waiting {
    private final byte[] idHash;
    private final NodeAdmission.Application application;
    private final ByteString commitment;
    private final ByteString number;
    private final Instant since;
    private long askedNanos;
    private String code = "";
    private @Nullable NodeRole approvedAs;
    private boolean denied;

    Waiting(
        byte[] idHash,
        NodeAdmission.Application application,
        ByteString commitment,
        ByteString number,
        Instant since,
        long askedNanos) {
      this.idHash = idHash;
      this.application = application;
      this.commitment = commitment;
      this.number = number;
      this.since = since;
      this.askedNanos = askedNanos;
    }

    private boolean isShown() {
      return !code.isEmpty() && approvedAs == null && !denied;
    }
  }

  /// Everybody who waits and whose code is known, oldest first.
  List<Enrolment.PendingNode> pending() {
    sweep();
    return waiting.entrySet().stream()
        .filter(entry -> entry.getValue().isShown())
        .map(entry -> {
          Waiting newcomer = entry.getValue();
          NodeAdmission.Application said = newcomer.application;
          return new Enrolment.PendingNode(
              entry.getKey(),
              said.host(),
              said.address(),
              said.version(),
              newcomer.since,
              newcomer.code);
        })
        .sorted(Comparator.comparing(Enrolment.PendingNode::since))
        .toList();
  }

  boolean approve(NodeId node, NodeRole role) {
    sweep();
    Waiting newcomer = waiting.get(node);
    if (newcomer == null || newcomer.denied || newcomer.code.isEmpty()) {
      return false;
    }
    newcomer.approvedAs = role;
    return true;
  }

  boolean deny(NodeId node) {
    sweep();
    Waiting newcomer = waiting.get(node);
    if (newcomer == null) {
      return false;
    }
    newcomer.denied = true;
    newcomer.approvedAs = null;
    return true;
  }

  void forget(NodeId node) {
    waiting.remove(node);
  }

  /// What becomes of somebody who asks, perhaps again.
  sealed interface Outcome {}

  /// A human said yes.
  record Admitted(NodeRole role) implements Outcome {}

  /// Nobody said yes yet, or somebody said no.
  record Answer(NodeAdmission.Decision decision) implements Outcome {}

  Outcome ask(NodeId node, NodeAdmission.Application application, NodeAdmission.Unasked claim) {
    sweep();
    Waiting known = waiting.get(node);
    if (known == null) {
      return begin(node, application, claim);
    }
    if (!MessageDigest.isEqual(known.idHash, hash(claim.pendingId()))) {
      if (isRestart(known, application)) {
        waiting.remove(node);
        return begin(node, application, claim);
      }
      // The name is spoken for until the first asker stops asking: else a second machine could
      // collect what a human approved for the first.
      return refused("name: " + node + " (expected: one that nobody else waits for)");
    }
    return again(node, known, application, claim);
  }

  private Outcome again(
      NodeId node,
      Waiting known,
      NodeAdmission.Application application,
      NodeAdmission.Unasked claim) {
    known.askedNanos = time.nanos();
    if (known.denied) {
      waiting.remove(node);
      return refused("the owner said no");
    }
    if (!application.key().equals(known.application.key())
        || !keepsItsWord(known, claim.number())) {
      waiting.remove(node);
      return refused("key or number: another one (expected: those it began with)");
    }
    if (known.approvedAs != null) {
      waiting.remove(node);
      return new Admitted(known.approvedAs);
    }
    return new Answer(
        new NodeAdmission.Pending(claim.pendingId(), Enrolment.ASK_AGAIN, known.number));
  }

  private boolean keepsItsWord(Waiting known, ByteString number) {
    byte[] said = number.toByteArray();
    if (!SafetyCode.keeps(known.commitment.toByteArray(), said)) {
      return false;
    }
    if (known.code.isEmpty()) {
      known.code =
          SafetyCode.of(
              pin.get(), known.application.key().toByteArray(), said, known.number.toByteArray());
    }
    return true;
  }

  /// The same machine that forgot its id. It begins anew, without a yes: the key is no secret.
  private static boolean isRestart(Waiting known, NodeAdmission.Application application) {
    return !application.machineKey().isEmpty()
        && application.machineKey().equals(known.application.machineKey());
  }

  private Outcome begin(
      NodeId node, NodeAdmission.Application application, NodeAdmission.Unasked claim) {
    if (waiting.size() >= Enrolment.MAX_PENDING) {
      return refused(
          "nodes waiting: "
              + waiting.size()
              + " (expected: < "
              + Enrolment.MAX_PENDING
              + "; come back later)");
    }
    if (claim.commitment().size() != SafetyCode.NUMBER_BYTES) {
      return refused(
          "commitment: "
              + claim.commitment().size()
              + " bytes (expected: "
              + SafetyCode.NUMBER_BYTES
              + ")");
    }
    String id = Hashes.text(chance());
    ByteString number = ByteString.copyFrom(chance());
    waiting.put(
        node,
        new Waiting(hash(id), application, claim.commitment(), number, time.now(), time.nanos()));
    log.info("Node waits for approval. node={} address={}", node, application.address());
    return new Answer(new NodeAdmission.Pending(id, Enrolment.ASK_AGAIN, number));
  }

  private static Outcome refused(String why) {
    return new Answer(new NodeAdmission.Refused(why));
  }

  private byte[] chance() {
    var bytes = new byte[SafetyCode.NUMBER_BYTES];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] hash(String secret) {
    return Hashes.sha256(secret.getBytes(StandardCharsets.UTF_8));
  }

  private void sweep() {
    long now = time.nanos();
    waiting
        .values()
        .removeIf(newcomer -> now - newcomer.askedNanos >= Enrolment.PENDING_TTL.toNanos());
  }
}
