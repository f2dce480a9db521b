package dev.tutti.link.hub;

import dev.tutti.core.MeshException;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.ReportCodec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who may join and who is who: the state of one owner loop.
///
/// A token is used once and lives {@link #TOKEN_TTL} by the monotonic clock; a newcomer without one
/// waits for a human. Secrets leave this class once, in an answer; what stays are hashes.
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

  private static final Logger log = LoggerFactory.getLogger(Enrolment.class);
  private static final String TOKEN_PREFIX = "tutti1.";
  private static final int SECRET_BYTES = 32;
  private static final int MAX_SECRET_CHARS = 256;

  private final EnrolmentLog records;
  private final Time time;
  private final RandomGenerator random;
  private final Map<NodeId, NodeRecord> nodes = new TreeMap<>();
  private final Map<String, Invite> invitesByHash = new LinkedHashMap<>();
  private final Map<NodeId, Waiting> waiting = new LinkedHashMap<>();

  /// Begins with what `records` holds. `random` must be fit for secrets.
  public Enrolment(EnrolmentLog records, Time time, RandomGenerator random) {
    this.records = records;
    this.time = time;
    this.random = random;
    for (NodeRecord node : records.loadAll()) {
      nodes.put(node.node(), node);
    }
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

  /// A newcomer that waits for a yes; everything but the name is its own word.
  public record PendingNode(
      NodeId node, String host, String address, String version, Instant since) {}

  private record Invite(NodeId node, NodeRole role, long expiresNanos) {}

  private static final class Waiting {
    private final String idHash;
    private final Application application;
    private final Instant since;
    private long askedNanos;
    private @Nullable NodeRole approvedAs;
    private boolean denied;

    Waiting(String idHash, Application application, Instant since, long askedNanos) {
      this.idHash = idHash;
      this.application = application;
      this.since = since;
      this.askedNanos = askedNanos;
    }
  }

  /// Invites one machine under a name. Throws {@link MeshException} when too many are open.
  public Invitation invite(NodeId node, NodeRole role) {
    sweep();
    if (invitesByHash.size() >= MAX_INVITES) {
      throw MeshException.invalid(
          "open invitations: " + invitesByHash.size() + " (expected: < " + MAX_INVITES + ")");
    }
    String token = TOKEN_PREFIX + secret();
    invitesByHash.put(hash(token), new Invite(node, role, time.nanos() + TOKEN_TTL.toNanos()));
    log.info("Node invited. node={} role={}", node, role.wireName());
    return new Invitation(token, node, role, time.now().plus(TOKEN_TTL));
  }

  /// Everybody who waits, oldest first.
  public List<PendingNode> pending() {
    sweep();
    return waiting.entrySet().stream()
        .filter(entry -> entry.getValue().approvedAs == null && !entry.getValue().denied)
        .map(entry -> {
          Application said = entry.getValue().application;
          return new PendingNode(
              entry.getKey(), said.host(), said.address(), said.version(), entry.getValue().since);
        })
        .sorted(Comparator.comparing(PendingNode::since))
        .toList();
  }

  /// Lets a waiting newcomer in; says whether there was one.
  public boolean approve(NodeId node, NodeRole role) {
    sweep();
    Waiting newcomer = waiting.get(node);
    if (newcomer == null || newcomer.denied) {
      return false;
    }
    newcomer.approvedAs = role;
    log.info("Node approved. node={} role={}", node, role.wireName());
    return true;
  }

  /// Sends a waiting newcomer away; says whether there was one.
  public boolean deny(NodeId node) {
    sweep();
    Waiting newcomer = waiting.get(node);
    if (newcomer == null) {
      return false;
    }
    newcomer.denied = true;
    newcomer.approvedAs = null;
    log.info("Node denied. node={}", node);
    return true;
  }

  /// Takes a node's right to connect away; says whether it had one. Its connections are the link's
  /// to close: {@link HubLink#remove}.
  public boolean remove(NodeId node) {
    NodeRecord known = nodes.get(node);
    if (known == null || known.removed()) {
      return false;
    }
    keep(
        new NodeRecord(
            node, known.role(), "", known.machineKey(), known.host(), known.joinedAt(), true));
    log.info("Node removed. node={}", node);
    return true;
  }

  /// Forgets a node altogether, even that it was removed.
  public void forget(NodeId node) {
    nodes.remove(node);
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
    sweep();
    Application clean = clean(application);
    return clean.token().isEmpty() ? enrolWaiting(clean) : enrolInvited(clean);
  }

  private Decision enrolInvited(Application application) {
    String hash = hash(application.token());
    Invite invite = invitesByHash.get(hash);
    if (invite == null) {
      log.warn("Join refused: unknown token. address={}", application.address());
      return new Refused(
          "token: unknown, used or expired (expected: one from `tutti node invite`)");
    }
    if (belongsToAnother(invite.node(), application.machineKey())) {
      return taken(invite.node());
    }
    invitesByHash.remove(hash);
    waiting.remove(invite.node());
    return letIn(invite.node(), invite.role(), application);
  }

  private Decision enrolWaiting(Application application) {
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
    Waiting known = waiting.get(node);
    if (known == null) {
      return beginWaiting(node, application);
    }
    if (!same(known.idHash, hash(application.pendingId()))) {
      if (isRestart(known, application)) {
        waiting.remove(node);
        return beginWaiting(node, application);
      }
      // The name is spoken for until the first asker stops asking: else a second machine could
      // collect what a human approved for the first.
      return new Refused("name: " + node + " (expected: one that nobody else waits for)");
    }
    known.askedNanos = time.nanos();
    if (known.denied) {
      waiting.remove(node);
      return new Refused("the owner said no");
    }
    if (known.approvedAs == null) {
      return new Pending(application.pendingId(), ASK_AGAIN);
    }
    waiting.remove(node);
    return letIn(node, known.approvedAs, application);
  }

  /// The same machine that forgot its id. It begins anew, without a yes: the key is no secret.
  private static boolean isRestart(Waiting known, Application application) {
    return !application.machineKey().isEmpty()
        && application.machineKey().equals(known.application.machineKey());
  }

  private Decision beginWaiting(NodeId node, Application application) {
    if (waiting.size() >= MAX_PENDING) {
      return new Refused(
          "nodes waiting: "
              + waiting.size()
              + " (expected: < "
              + MAX_PENDING
              + "; come back later)");
    }
    String id = secret();
    waiting.put(node, new Waiting(hash(id), application, time.now(), time.nanos()));
    log.info("Node waits for approval. node={} address={}", node, application.address());
    return new Pending(id, ASK_AGAIN);
  }

  private Decision letIn(NodeId node, NodeRole role, Application application) {
    String credential = secret();
    keep(
        new NodeRecord(
            node,
            role,
            hash(credential),
            application.machineKey(),
            application.host(),
            time.now(),
            false));
    log.info("Node joined. node={} address={}", node, application.address());
    return new Approved(node, credential);
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
  public Verdict authenticate(NodeId node, String credential, String machineKey) {
    NodeRecord known = nodes.get(node);
    if (known == null) {
      return Verdict.UNKNOWN;
    }
    if (known.removed()) {
      return Verdict.REMOVED;
    }
    if (credential.length() > MAX_SECRET_CHARS || !same(known.credentialHash(), hash(credential))) {
      return Verdict.UNKNOWN;
    }
    boolean other =
        !machineKey.isEmpty()
            && !known.machineKey().isEmpty()
            && !known.machineKey().equals(machineKey);
    return other ? Verdict.OTHER_MACHINE : Verdict.OK;
  }

  private void keep(NodeRecord node) {
    nodes.put(node.node(), node);
    records.save(node);
  }

  private void sweep() {
    long now = time.nanos();
    invitesByHash.values().removeIf(invite -> now - invite.expiresNanos() >= 0);
    var gone = new ArrayList<NodeId>();
    waiting.forEach((node, newcomer) -> {
      if (now - newcomer.askedNanos >= PENDING_TTL.toNanos()) {
        gone.add(node);
      }
    });
    gone.forEach(waiting::remove);
  }

  private static Application clean(Application raw) {
    return new Application(
        ReportCodec.text(raw.wishedName()),
        ReportCodec.text(raw.token()),
        ReportCodec.text(raw.machineKey()),
        ReportCodec.text(raw.host()),
        ReportCodec.text(raw.version()),
        ReportCodec.text(raw.pendingId()),
        ReportCodec.text(raw.address()));
  }

  private String secret() {
    var bytes = new byte[SECRET_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256: missing (expected: in every JDK)", impossible);
    }
  }

  private static boolean same(String hash, String other) {
    return MessageDigest.isEqual(
        hash.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
  }
}
