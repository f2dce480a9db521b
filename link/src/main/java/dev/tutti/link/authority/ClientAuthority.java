package dev.tutti.link.authority;

import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.Lifetimes;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/// Makes what a hub shows to clients that were taught to believe it: pure but for its randomness;
/// signing takes milliseconds, so not for an event loop.
///
/// Clients are taught a root, and whoever has the key below a root that a computer believes could
/// show that computer any site. Therefore the root's key is forgotten once it has signed one
/// intermediate authority, and that one is good for names at home and the owner's own names only
/// (name constraints, RFC 5280, section 4.2.1.10). None of this counts between hub and agents.
public final class ClientAuthority {
  /// How long the authority lasts.
  public static final Duration LASTS = Lifetimes.ROOT;

  /// How long a hub's certificate lasts, which is renewed when two thirds of it are over; no client
  /// takes one for longer than 398 days.
  public static final Duration SHOWN = Duration.ofDays(90);

  /// The most names and addresses together.
  public static final int MAX_NAMES = 64;

  /// Ends of names at home: mDNS, RFC 8375, routers' own, RFC 6761.
  private static final List<String> HOME =
      List.of(
          "local", "lan", "home", "home.arpa", "internal", "intranet", "localdomain", "localhost");

  /// Private, loopback, link-local and carrier-grade networks, unique local ones of IPv6.
  private static final List<String> NETWORKS =
      List.of(
          "10.0.0.0/8",
          "172.16.0.0/12",
          "192.168.0.0/16",
          "100.64.0.0/10",
          "169.254.0.0/16",
          "127.0.0.0/8",
          "fc00::/7",
          "fe80::/10",
          "::1/128");

  private ClientAuthority() {}

  /// Under which names and addresses a hub is reached, in the forms of a certificate.
  ///
  /// @param names of hosts, in lower case
  /// @param addresses as texts, without brackets or zones
  public record Reached(Set<String> names, Set<String> addresses) {
    /// Copies the sets.
    ///
    /// @throws IllegalArgumentException when there are too many or none
    public Reached {
      names = Set.copyOf(names);
      addresses = Set.copyOf(addresses);
      int all = names.size() + addresses.size();
      if (all == 0 || all > MAX_NAMES) {
        throw new IllegalArgumentException(
            "names: " + all + " (expected: 1 to " + MAX_NAMES + " names and addresses)");
      }
    }
  }

  /// A new authority: the intermediate's key, its certificate, and the root that clients are
  /// taught.
  ///
  /// @param random fit for secrets
  public static KeyMaterial make(String hub, Reached reached, Instant now, RandomGenerator random) {
    var issuer = new Issuer(random);
    var times = Issuer.Times.of(now, Lifetimes.BACKDATED, LASTS);
    KeyPair rootKey = FreshKey.make();
    String mesh = hub + " for clients";
    X509Certificate root = issuer.root(mesh, rootKey.getPublic(), rootKey.getPrivate(), times);
    KeyPair key = FreshKey.make();
    var names = new TreeSet<>(HOME);
    names.addAll(reached.names());
    var networks = new TreeSet<>(NETWORKS);
    for (String address : reached.addresses()) {
      networks.add(address + (address.indexOf(':') < 0 ? "/32" : "/128"));
    }
    X509Certificate intermediate =
        issuer.bounded(
            mesh,
            key.getPublic(),
            Issuer.Signer.of(root, rootKey.getPrivate()),
            times,
            names,
            networks);
    return new KeyMaterial(key.getPrivate(), List.of(intermediate, root));
  }

  /// A certificate to show: its key, itself, and the intermediate that vouches for it.
  ///
  /// @param authority as {@link #make} gave it
  public static KeyMaterial certify(
      KeyMaterial authority, Reached reached, Instant now, RandomGenerator random) {
    KeyPair key = FreshKey.make();
    X509Certificate leaf =
        new Issuer(random)
            .server(
                key.getPublic(),
                Issuer.Signer.of(authority.leaf(), authority.key()),
                Issuer.Times.of(now, Lifetimes.BACKDATED, SHOWN).within(authority.leaf()),
                reached.names(),
                reached.addresses());
    return new KeyMaterial(key.getPrivate(), List.of(leaf, authority.leaf()));
  }

  /// Whether what is shown is still to be shown: from this authority, for these names, not due.
  public static boolean holds(
      KeyMaterial shown, KeyMaterial authority, Reached reached, Instant now) {
    return shown.chain().equals(List.of(shown.leaf(), authority.leaf()))
        && Issuer.namesOf(shown.leaf()).equals(reached)
        && !Lifetimes.untilDue(SHOWN, shown.notBefore(), shown.notAfter(), now).isZero()
        && isBelieved(shown, authority, now);
  }

  /// Whether a client that was taught the root would believe it: not when it is for names beyond
  /// what the authority is good for.
  public static boolean isBelieved(KeyMaterial shown, KeyMaterial authority, Instant now) {
    try {
      var parameters =
          new PKIXParameters(Set.of(new TrustAnchor(authority.chain().getLast(), null)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      var path =
          CertificateFactory.getInstance("X.509").generateCertPath(new ArrayList<>(shown.chain()));
      CertPathValidator.getInstance("PKIX").validate(path, parameters);
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }
}
