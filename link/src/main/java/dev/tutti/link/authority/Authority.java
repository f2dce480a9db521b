package dev.tutti.link.authority;

import dev.tutti.core.MeshException;
import dev.tutti.core.Time;
import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.Lifetimes;
import dev.tutti.link.trust.MeshId;
import dev.tutti.link.trust.Pin;
import dev.tutti.link.trust.Seal;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes and renews the certificates of one mesh. Any thread may ask; whatever signs or saves
/// blocks, so it is not for an event loop: {@link #pin}, {@link #pins}, {@link #state} and {@link
/// #hub} only look.
public final class Authority {
  private static final Logger log = LoggerFactory.getLogger(Authority.class);
  private static final String ROOT_KEY = "root key";

  /// Where an authority is kept.
  public interface Shelf {
    /// What was saved last; empty before anything was.
    Optional<AuthorityState> load();

    /// Replaces what is kept, in one step and for good before it returns.
    void save(AuthorityState state);

    /// What root keys are closed with. It is made on first use; later it may be missing, since its
    /// owner may keep it elsewhere.
    ///
    /// @throws IllegalStateException when it is missing, saying where it is expected
    Seal rootSeal();
  }

  /// A certificate with those above it, and whom to believe from now on.
  ///
  /// @param chain leaf, intermediate, root
  /// @param at when it was made; never before the phase began that it was made in, even if the
  ///   clock was put back since
  public record Issued(List<X509Certificate> chain, Set<Pin> pins, Instant at) {
    /// Copies the collections.
    public Issued {
      chain = List.copyOf(chain);
      pins = Set.copyOf(pins);
    }
  }

  private final Shelf shelf;
  private final String hubId;
  private final Time time;
  private final Issuer issuer;
  private volatile AuthorityState state;
  private Instant newestIssue = Instant.EPOCH;

  private Authority(
      Shelf shelf, String hubId, Time time, RandomGenerator random, AuthorityState state) {
    this.shelf = shelf;
    this.hubId = hubId;
    this.time = time;
    this.issuer = new Issuer(random);
    this.state = state;
  }

  /// Opens the kept authority, or makes one, and sees to it that the hub has something to show.
  /// Blocks. Of `time` only the wall clock is asked; `random` must be fit for secrets and for any
  /// thread.
  ///
  /// @param hubId this hub's name; it names the mesh too, when this is its first hub
  public static Authority open(Shelf shelf, String hubId, Time time, RandomGenerator random) {
    Optional<AuthorityState> kept = shelf.load();
    AuthorityState state =
        kept.orElseGet(() -> {
          Instant now = time.now();
          return new AuthorityState(
              hubId,
              Phase.STEADY,
              now,
              line(new Issuer(random), hubId, shelf.rootSeal(), now),
              Optional.empty(),
              Optional.empty());
        });
    var authority = new Authority(shelf, hubId, time, random, state);
    authority.tend();
    return authority;
  }

  private static AuthorityState.Line line(Issuer issuer, String mesh, Seal seal, Instant now) {
    KeyPair rootKey = FreshKey.make();
    X509Certificate root =
        issuer.root(
            mesh,
            rootKey.getPublic(),
            rootKey.getPrivate(),
            Issuer.Times.of(now, Lifetimes.AUTHORITY_BACKDATED, Lifetimes.ROOT));
    String sealed = seal.close(rootKey.getPrivate().getEncoded(), ROOT_KEY);
    KeyPair key = FreshKey.make();
    X509Certificate intermediate =
        issuer.intermediate(
            mesh,
            key.getPublic(),
            Issuer.Signer.of(root, rootKey.getPrivate()),
            Issuer.Times.of(now, Lifetimes.AUTHORITY_BACKDATED, Lifetimes.INTERMEDIATE)
                .within(root));
    return new AuthorityState.Line(root, sealed, intermediate, key.getPrivate());
  }

  /// What there is now.
  public AuthorityState state() {
    return state;
  }

  /// The pin that an invitation names.
  public Pin pin() {
    return state.forHub().pin();
  }

  /// Whom both ends believe now.
  public Set<Pin> pins() {
    return state.pins();
  }

  /// What the hub shows now.
  public KeyMaterial hub() {
    return state
        .hub()
        .orElseThrow(() ->
            new IllegalStateException("hub's certificate: none (expected: made at the start)"));
  }

  /// The key that a request is for. Blocks a little.
  ///
  /// @return the key as `SubjectPublicKeyInfo`
  /// @throws MeshException when it is no request for a certificate
  public static byte[] requestedKey(byte[] request) {
    return Issuer.requestedKey(request);
  }

  /// Certifies that a key is a node's. Blocks.
  ///
  /// @param key as {@link #requestedKey} gave it
  public synchronized Issued certify(UUID node, byte[] key) {
    tend();
    AuthorityState now = state;
    AuthorityState.Line line = now.forNodes();
    Instant clock = time.now();
    Instant at = clock.isBefore(now.since()) ? now.since() : clock;
    newestIssue = at.isAfter(newestIssue) ? at : newestIssue;
    X509Certificate leaf =
        issuer.leaf(
            new MeshId.Node(now.mesh(), node),
            key,
            Issuer.Signer.of(line.intermediate(), line.intermediateKey()),
            Issuer.Times.of(clock, Lifetimes.BACKDATED, Lifetimes.NODE)
                .within(line.intermediate()));
    return new Issued(List.of(leaf, line.intermediate(), line.root()), now.pins(), at);
  }

  /// Whether {@link #tend} would do something.
  public boolean isDue() {
    AuthorityState now = state;
    Instant at = time.now();
    return due(now.current(), at)
        || now.coming().filter(line -> due(line, at)).isPresent()
        || hubIsDue(now, at);
  }

  /// Renews whatever is due: an intermediate, what the hub shows. Blocks when something is.
  public synchronized void tend() {
    Instant now = time.now();
    AuthorityState before = state;
    AuthorityState after = before;
    if (due(after.current(), now)) {
      after = after.withCurrent(renewed(after.current(), now));
    }
    Optional<AuthorityState.Line> coming = after.coming();
    if (coming.isPresent() && due(coming.get(), now)) {
      after = after.withComing(renewed(coming.get(), now));
    }
    if (hubIsDue(after, now)) {
      after = after.withHub(forHub(after, now));
    }
    if (!after.equals(before)) {
      keep(after);
    }
  }

  private static boolean due(AuthorityState.Line line, Instant now) {
    return isDue(line.intermediate(), Lifetimes.INTERMEDIATE, now);
  }

  private static boolean isDue(
      X509Certificate certificate, java.time.Duration lifetime, Instant now) {
    return Lifetimes.untilDue(
            lifetime,
            certificate.getNotBefore().toInstant(),
            certificate.getNotAfter().toInstant(),
            now)
        .isZero();
  }

  private static boolean hubIsDue(AuthorityState state, Instant now) {
    Optional<KeyMaterial> shown = state.hub();
    return shown.isEmpty()
        || !shown.get().chain().get(1).equals(state.forHub().intermediate())
        || isDue(shown.get().leaf(), Lifetimes.HUB, now);
  }

  private AuthorityState.Line renewed(AuthorityState.Line line, Instant now) {
    PrivateKey rootKey;
    try {
      rootKey = rootKey(line);
    } catch (IllegalStateException | IllegalArgumentException locked) {
      log.warn(
          "The intermediate authority is due and the root's key is away. until={} cause={}",
          line.intermediate().getNotAfter().toInstant(),
          locked.getMessage());
      return line;
    }
    KeyPair key = FreshKey.make();
    log.info("The intermediate authority is renewed. pin={}", line.pin());
    return line.with(
        issuer.intermediate(
            state.mesh(),
            key.getPublic(),
            Issuer.Signer.of(line.root(), rootKey),
            Issuer.Times.of(now, Lifetimes.AUTHORITY_BACKDATED, Lifetimes.INTERMEDIATE)
                .within(line.root())),
        key.getPrivate());
  }

  private PrivateKey rootKey(AuthorityState.Line line) {
    byte[] key = shelf.rootSeal().open(line.sealedRootKey(), ROOT_KEY);
    try {
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("root key: not a key (expected: one on P-256)", broken);
    }
  }

  private KeyMaterial forHub(AuthorityState state, Instant now) {
    AuthorityState.Line line = state.forHub();
    KeyPair key = FreshKey.make();
    X509Certificate leaf =
        issuer.leaf(
            new MeshId.Hub(state.mesh(), hubId),
            key.getPublic().getEncoded(),
            Issuer.Signer.of(line.intermediate(), line.intermediateKey()),
            Issuer.Times.of(now, Lifetimes.BACKDATED, Lifetimes.HUB).within(line.intermediate()));
    log.info("The hub has a new certificate. until={}", leaf.getNotAfter().toInstant());
    return new KeyMaterial(key.getPrivate(), List.of(leaf, line.intermediate(), line.root()));
  }

  /// Goes one step on in the change to a new root; from {@link Phase#STEADY} it makes that root.
  /// Blocks. Whether everybody is ready for the step is the caller's to know.
  ///
  /// @param newest when the newest certificate of any node was made, as far as the caller knows
  /// @throws IllegalStateException when the root's key is needed and away
  public synchronized AuthorityState onward(Instant newest) {
    Instant now = time.now();
    Instant since = after(newest, now);
    AuthorityState before = state;
    AuthorityState after =
        before.phase() == Phase.STEADY
            ? before.introduce(line(issuer, before.mesh(), shelf.rootSeal(), now), since)
            : before.onward(since);
    return moved(after, now);
  }

  /// Takes the last step back; from {@link Phase#INTRODUCED} the new root is forgotten. Blocks.
  ///
  /// @param newest as for {@link #onward}
  /// @throws MeshException when there is nothing to take back
  public synchronized AuthorityState backward(Instant newest) {
    if (state.phase() == Phase.STEADY) {
      throw MeshException.invalid("phase: steady (expected: a rotation under way)");
    }
    Instant now = time.now();
    return moved(state.backward(after(newest, now)), now);
  }

  /// When a phase begins: now, but after every certificate that there is. Who has followed a phase
  /// is told by these moments, so they must stay in order when the clock does not.
  private Instant after(Instant newest, Instant now) {
    Instant last = newest.isAfter(newestIssue) ? newest : newestIssue;
    Instant next = last.plusMillis(1);
    return (now.isAfter(next) ? now : next).truncatedTo(ChronoUnit.MILLIS);
  }

  private AuthorityState moved(AuthorityState after, Instant now) {
    AuthorityState whole = hubIsDue(after, now) ? after.withHub(forHub(after, now)) : after;
    log.info("The authority is in another phase. phase={} pins={}", whole.phase(), whole.pins());
    keep(whole);
    return whole;
  }

  private void keep(AuthorityState after) {
    shelf.save(after);
    state = after;
  }
}
