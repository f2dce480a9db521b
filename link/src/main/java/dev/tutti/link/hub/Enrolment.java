package dev.tutti.link.hub;

import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.ReportCodec;
import dev.tutti.link.trust.Lifetimes;
import dev.tutti.link.trust.Pin;
import dev.tutti.link.trust.Seal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who may join and who is who: the state of one owner loop.
///
/// A token is used once and lives {@link #TOKEN_TTL} by the clock that runs faster, the monotonic
/// one or the wall's; a newcomer without one waits for a human. A token's secret leaves this class
/// once, to whoever invites; what stays is what it is proved against. Who may connect is told by
/// the ids that were given out here: any other certificate of the same authority counts for
/// nothing.
public final class Enrolment implements NodeAdmission {
  /// How long an invitation is good.
  public static final Duration TOKEN_TTL = Duration.ofMinutes(15);

  /// Newcomers that wait at a time.
  public static final int MAX_PENDING = 64;

  /// Invitations that are open at a time.
  public static final int MAX_INVITES = 256;

  /// When a waiting newcomer shall ask again.
  public static final Duration ASK_AGAIN = Duration.ofSeconds(2);

  /// A newcomer that has not asked for this long has gone.
  public static final Duration PENDING_TTL = Duration.ofSeconds(60);

  /// How long it is remembered that somebody was removed: no certificate of theirs counts after it.
  public static final Duration DENIED_TTL =
      Lifetimes.NODE.plus(Lifetimes.GRACE).plus(Duration.ofDays(9));

  private static final Logger log = LoggerFactory.getLogger(Enrolment.class);

  private final EnrolmentLog records;
  private final Time time;
  private final RandomGenerator random;
  private final Supplier<Pin> pin;
  private final Map<NodeId, NodeRecord> nodes = new TreeMap<>();
  private final Map<UUID, NodeId> names = new HashMap<>();
  private final Map<UUID, Denied> denied = new HashMap<>();
  private final Invites invites;
  private final Newcomers newcomers;

  /// Begins with what `records` holds.
  ///
  /// @param random fit for secrets
  /// @param seal closes what is kept of invitations
  /// @param pin of the root that the hub shows now
  public Enrolment(
      EnrolmentLog records, Time time, RandomGenerator random, Seal seal, Supplier<Pin> pin) {
    this.records = records;
    this.time = time;
    this.random = random;
    this.pin = pin;
    EnrolmentLog.Kept kept = records.loadAll();
    for (NodeRecord node : kept.nodes()) {
      nodes.put(node.node(), node);
      names.put(node.uuid(), node.node());
    }
    Instant forgotten = time.now().minus(DENIED_TTL);
    for (Denied gone : kept.denied()) {
      if (gone.at().isBefore(forgotten)) {
        records.undeny(gone.uuid());
      } else {
        denied.put(gone.uuid(), gone);
      }
    }
    this.invites = new Invites(records, time, random, seal, kept.invites());
    this.newcomers = new Newcomers(time, random, pin);
  }

  /// An invitation; shown once.
  ///
  /// @param token secret: whoever has it may join under the name
  public record Invitation(String token, NodeId node, NodeRole role, Instant expiresAt) {
    @Override
    public String toString() {
      return "Invitation[node=" + node + ", role=" + role + ", expiresAt=" + expiresAt + "]";
    }
  }

  /// A newcomer that waits for a yes; everything but the name and the code is its own word.
  ///
  /// @param code six digits that the newcomer shows as well, if nobody is in between
  public record PendingNode(
      NodeId node, String host, String address, String version, Instant since, String code) {}

  /// Invites one machine under a name. Throws {@link MeshException} when too many are open.
  public Invitation invite(NodeId node, NodeRole role) {
    Invitation invitation = invites.make(pin.get(), node, role);
    log.info("Node invited. node={} role={}", node, role.wireName());
    return invitation;
  }

  /// Everybody who waits, oldest first.
  public List<PendingNode> pending() {
    return newcomers.pending();
  }

  /// Lets a waiting newcomer in; says whether there was one.
  public boolean approve(NodeId node, NodeRole role) {
    boolean waited = newcomers.approve(node, role);
    if (waited) {
      log.info("Node approved. node={} role={}", node, role.wireName());
    }
    return waited;
  }

  /// Sends a waiting newcomer away; says whether there was one.
  public boolean deny(NodeId node) {
    boolean waited = newcomers.deny(node);
    if (waited) {
      log.info("Node denied. node={}", node);
    }
    return waited;
  }

  /// Takes a node's right to connect away. Its connections are the link's to close: {@link
  /// HubLink#remove}.
  ///
  /// @return empty when it had none; else completes when that is on the disk
  public Optional<CompletionStage<?>> remove(NodeId node) {
    NodeRecord known = nodes.get(node);
    if (known == null || known.removed()) {
      return Optional.empty();
    }
    keep(known.sentAway());
    records.save(known.sentAway());
    var gone = new Denied(known.uuid(), node, time.now());
    denied.put(known.uuid(), gone);
    log.info("Node removed. node={}", node);
    return Optional.of(records.deny(gone));
  }

  /// Forgets a node altogether, even that it was removed. Its certificates stay good for nothing.
  public void forget(NodeId node) {
    NodeRecord known = nodes.remove(node);
    if (known != null) {
      names.remove(known.uuid());
    }
    records.delete(node);
  }

  /// Every node that may connect, by name.
  public List<NodeRecord> nodes() {
    return nodes.values().stream().filter(node -> !node.removed()).toList();
  }

  /// The record of a node that may connect.
  public Optional<NodeRecord> node(NodeId node) {
    return Optional.ofNullable(nodes.get(node)).filter(known -> !known.removed());
  }

  @Override
  public Decision enrol(Application application) {
    Application clean = clean(application);
    return switch (clean.claim()) {
      case Invited claim -> enrolInvited(clean, claim);
      case Unasked claim -> enrolUnasked(clean, claim);
    };
  }

  private Decision enrolInvited(Application application, Invited claim) {
    OpenInvite invite = invites.proved(claim);
    if (invite == null) {
      log.warn("Join refused: no such token. address={}", application.address());
      return new Refused(
          "token: unknown, used or expired (expected: one from `tutti node invite`)");
    }
    String wished = application.wishedName();
    if (!wished.isEmpty() && !wished.equals(invite.node().value())) {
      return new Refused(
          "name: " + wished + " (expected: " + invite.node() + ", as the invitation says)");
    }
    if (belongsToAnother(invite.node(), application.machineKey())) {
      return taken(invite.node());
    }
    invites.used(invite);
    newcomers.forget(invite.node());
    return letIn(invite.node(), invite.role(), application, Optional.of(invite.id()));
  }

  private Decision enrolUnasked(Application application, Unasked claim) {
    NodeId node;
    try {
      node = new NodeId(application.wishedName());
    } catch (IllegalArgumentException _) {
      return new Refused(
          "name: "
              + application.wishedName()
              + " (expected: lower-case letters, digits, dots, dashes, underscores; at most 63)");
    }
    if (belongsToAnother(node, application.machineKey())) {
      return taken(node);
    }
    return switch (newcomers.ask(node, application, claim)) {
      case Newcomers.Admitted(NodeRole role) -> letIn(node, role, application, Optional.empty());
      case Newcomers.Answer(Decision decision) -> decision;
    };
  }

  private Decision letIn(
      NodeId node, NodeRole role, Application application, Optional<String> inviteId) {
    Instant now = time.now();
    var record =
        new NodeRecord(
            node, role, freshUuid(), application.machineKey(), application.host(), now, now, false);
    keep(record);
    log.info("Node joined. node={} address={}", node, application.address());
    return new Approved(node, record.uuid(), records.joined(record, inviteId));
  }

  /// A random id (RFC 9562 §5.4).
  private UUID freshUuid() {
    var bytes = new byte[2 * Long.BYTES];
    random.nextBytes(bytes);
    var numbers = ByteBuffer.wrap(bytes);
    return new UUID(
        (numbers.getLong() & 0xffff_ffff_ffff_0fffL) | 0x4000L,
        (numbers.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L);
  }

  private Decision taken(NodeId node) {
    log.warn("Join refused: the name belongs to another machine. node={}", node);
    return new Refused(
        "name: " + node + " is another machine's (expected: another name, or remove that node)");
  }

  private boolean belongsToAnother(NodeId node, String machineKey) {
    NodeRecord known = nodes.get(node);
    return known != null
        && !known.removed()
        && (machineKey.isEmpty() || !known.machineKey().equals(machineKey));
  }

  @Override
  public Verdict recognise(UUID uuid, String machineKey) {
    if (denied.containsKey(uuid)) {
      return new Removed();
    }
    NodeRecord known = byUuid(uuid);
    if (known == null) {
      return new Unknown();
    }
    if (known.removed()) {
      return new Removed();
    }
    boolean other =
        !machineKey.isEmpty()
            && !known.machineKey().isEmpty()
            && !known.machineKey().equals(machineKey);
    return other ? new OtherMachine(known.node()) : new Known(known.node());
  }

  @Override
  public void certified(UUID uuid, Instant at) {
    NodeRecord known = byUuid(uuid);
    if (known != null && !known.removed()) {
      NodeRecord after = known.certified(at);
      keep(after);
      records.save(after);
    }
  }

  private @Nullable NodeRecord byUuid(UUID uuid) {
    NodeId node = names.get(uuid);
    return node == null ? null : nodes.get(node);
  }

  private void keep(NodeRecord node) {
    NodeRecord before = nodes.put(node.node(), node);
    if (before != null) {
      names.remove(before.uuid());
    }
    names.put(node.uuid(), node.node());
  }

  private static Application clean(Application raw) {
    return new Application(
        ReportCodec.text(raw.wishedName()),
        raw.claim(),
        raw.key(),
        ReportCodec.text(raw.machineKey()),
        ReportCodec.text(raw.host()),
        ReportCodec.text(raw.version()),
        ReportCodec.text(raw.address()));
  }
}
